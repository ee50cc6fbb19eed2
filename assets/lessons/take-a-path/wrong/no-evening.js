// fails: right.order
let greeting = 'Good morning';
if (hour >= 12) {
  greeting = 'Good afternoon';
}
