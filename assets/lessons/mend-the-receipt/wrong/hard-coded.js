// fails: total.fixed
let total = 7;
const receipt = `${fruit}: ${total} dollars`;
