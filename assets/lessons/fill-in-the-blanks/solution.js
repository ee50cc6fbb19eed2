const label = `${city}: ${degrees} degrees`;

console.log(label);
