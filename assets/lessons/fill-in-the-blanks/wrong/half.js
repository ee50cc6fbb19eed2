// fails: label.other
const label = `${city}: 19 degrees`;
