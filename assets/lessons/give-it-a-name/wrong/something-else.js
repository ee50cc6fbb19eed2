// fails: logged.other
const city = 'Lisbon';
console.log('Hello');
