const city = 'Lisbon';
console.log(city);
