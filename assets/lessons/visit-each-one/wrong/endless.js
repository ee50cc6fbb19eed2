// fails: stopped
function total(prices) {
  let sum = 0;
  let i = 0;
  while (i < prices.length) {
    sum += prices[i];
  }
  return sum;
}
