// fails: logged.quoted
const city = 'Lisbon';
console.log('city');
