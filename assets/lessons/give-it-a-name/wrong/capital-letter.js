// fails: city.capital
const City = 'Lisbon';
console.log(City);
