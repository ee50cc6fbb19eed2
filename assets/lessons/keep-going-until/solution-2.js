let purse = coins
let days = 0
while (!(purse >= goal)) {
  purse = purse + purse
  days++
  console.log("day", days, purse)
}
