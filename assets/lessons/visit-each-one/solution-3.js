function total(prices) {
  let all = 0
  for (let i = 0; i < prices.length; i++) {
    all = all + prices[i]
    console.log('so far', all)
  }
  return all
}
