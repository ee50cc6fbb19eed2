// fails: right.rest
let greeting = 'Good morning';
if (hour >= 18) {
  greeting = 'Good evening';
} else {
  greeting = 'Good afternoon';
}
