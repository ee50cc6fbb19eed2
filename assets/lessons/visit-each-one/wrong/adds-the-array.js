// fails: number.whole
function total(prices) {
  let sum = 0;
  for (const price of prices) {
    sum += prices;
  }
  return sum;
}
