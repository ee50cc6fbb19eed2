function total(prices) {
  let sum = 0;
  // TODO: visit each price and add it to sum
}

console.log(total([3, 8, 1]));
