// fails: error TypeError
const total = price;
total += 2;
const receipt = `${fruit}: ${total} dollars`;
