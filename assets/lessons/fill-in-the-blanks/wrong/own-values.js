// fails: label.own
const city = 'Lima';
const degrees = 19;
const label = `${city}: ${degrees} degrees`;
