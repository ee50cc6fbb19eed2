// `fruit` and `price` are given. The bag costs 2 more.
let total = price;
total += 2;

const receipt = `${fruit}: ${total} dollars`;
console.log(receipt);
