// fails: known.nothing
let greeting;
if (hour >= 18) {
  greeting = 'Good evening';
} else if (hour >= 12) {
  greeting = 'Good afternoon';
}
