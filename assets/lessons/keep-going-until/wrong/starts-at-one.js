// fails: days.more
let days = 1;
while (coins < goal) {
  coins *= 2;
  days += 1;
}
