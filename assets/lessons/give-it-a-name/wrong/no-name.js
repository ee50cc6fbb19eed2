// fails: city.missing
console.log('Lisbon');
