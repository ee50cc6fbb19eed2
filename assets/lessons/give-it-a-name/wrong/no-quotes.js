// fails: error ReferenceError
const city = Lisbon;
console.log(city);
