// fails: number.in
function total(prices) {
  let sum = 0;
  for (const price in prices) {
    sum += price;
  }
  return sum;
}
