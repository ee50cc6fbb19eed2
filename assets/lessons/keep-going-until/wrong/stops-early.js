// fails: days.less
let days = 0;
while (coins * 2 < goal) {
  coins *= 2;
  days += 1;
}
