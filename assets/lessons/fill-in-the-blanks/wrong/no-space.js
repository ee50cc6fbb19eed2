// fails: label.other
const label = `${city}:${degrees} degrees`;
