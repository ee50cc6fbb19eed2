// fails: byname.typed
const city = 'Lisbon';
console.log('Lisbon');
