// fails: days.border
let days = 0;
do {
  coins *= 2;
  days += 1;
} while (coins < goal);
