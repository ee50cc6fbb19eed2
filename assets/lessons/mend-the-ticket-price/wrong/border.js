// fails: price.border
let price = 8;
if (age <= 6) {
  price = 0;
} else if (age < 18) {
  price = 4;
}
