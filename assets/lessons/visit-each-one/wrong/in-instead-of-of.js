// fails: number.text
function total(prices) {
  let sum = 0;
  for (const price in prices) {
    sum += price;
  }
  return sum;
}
