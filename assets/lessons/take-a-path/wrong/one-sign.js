// fails: right.stores
let greeting = 'Good morning';
if (hour = 12) {
  greeting = 'Good afternoon';
}
