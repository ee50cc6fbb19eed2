// fails: total.text
let total = price;
total += '2';
const receipt = `${fruit}: ${total} dollars`;
