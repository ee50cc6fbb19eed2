// fails: stopped
let price = 8;
while (age < 6) {
  price = 0;
}
if (age < 18) {
  price = 4;
}
