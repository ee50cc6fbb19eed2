// `age` is given. Under 6: 0. Under 18: 4. Everybody else: 8.
let price = 8;

if (age < 6) {
  price = 0;
} else if (age < 18) {
  price = 4;
}

console.log(`At ${age}: ${price} dollars`);
