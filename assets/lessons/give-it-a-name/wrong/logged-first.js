// fails: error ReferenceError
console.log(city);
const city = 'Lisbon';
