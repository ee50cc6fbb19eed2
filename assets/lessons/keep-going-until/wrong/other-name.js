// fails: days.missing
let count = 0;
while (coins < goal) {
  coins *= 2;
  count += 1;
}
