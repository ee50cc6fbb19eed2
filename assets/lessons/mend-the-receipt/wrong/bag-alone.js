// fails: total.bag
let total = price;
total = 2;
const receipt = `${fruit}: ${total} dollars`;
