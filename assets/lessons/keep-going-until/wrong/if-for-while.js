// fails: days.once
let days = 0;
if (coins < goal) {
  coins *= 2;
  days += 1;
}
