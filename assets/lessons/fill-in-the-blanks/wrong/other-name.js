// fails: label.missing
const text = `${city}: ${degrees} degrees`;
