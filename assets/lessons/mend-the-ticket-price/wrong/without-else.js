// fails: price.small
let price = 8;
if (age < 6) {
  price = 0;
}
if (age < 18) {
  price = 4;
}
