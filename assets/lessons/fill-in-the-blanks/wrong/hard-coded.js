// fails: label.fixed
const label = `Lima: 19 degrees`;
