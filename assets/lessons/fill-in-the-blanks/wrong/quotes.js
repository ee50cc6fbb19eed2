// fails: label.quotes
const label = '${city}: ${degrees} degrees';
