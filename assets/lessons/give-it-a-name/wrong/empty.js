// fails: city.empty
const city = '';
console.log(city);
