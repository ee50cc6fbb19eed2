// fails: number.nothing
function total(prices) {
  let sum = 0;
  for (const price of prices) {
    sum += price;
  }
  console.log(sum);
}
