// fails: days.kind
let days;
while (coins < goal) {
  coins *= 2;
  days += 1;
}
