// fails: stopped
let days = 0;
while (coins < goal) {
  days += 1;
}
