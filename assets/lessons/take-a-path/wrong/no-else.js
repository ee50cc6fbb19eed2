// fails: right.later
let greeting = '';
if (hour < 12) {
  greeting = 'Good morning';
}
if (hour < 18) {
  greeting = 'Good afternoon';
} else {
  greeting = 'Good evening';
}
