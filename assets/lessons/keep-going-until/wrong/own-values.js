// fails: days.own
let coins = 1;
let goal = 100;
let days = 0;
while (coins < goal) {
  coins *= 2;
  days += 1;
}
