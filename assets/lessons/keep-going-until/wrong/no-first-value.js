// fails: days.double
let days;
while (coins < goal) {
  coins *= 2;
  days += 1;
}
