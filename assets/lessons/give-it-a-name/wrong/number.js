// fails: city.kind
const city = 1755;
console.log(city);
