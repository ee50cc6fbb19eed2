// fails: days.never
let days = 0;
while (coins >= goal) {
  coins *= 2;
  days += 1;
}
