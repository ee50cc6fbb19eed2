// fails: label.dollar
const label = `{city}: {degrees} degrees`;
