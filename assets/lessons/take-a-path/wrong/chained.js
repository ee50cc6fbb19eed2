// fails: right.chain
let greeting = 'Good morning';
if (12 <= hour < 18) {
  greeting = 'Good afternoon';
} else if (hour >= 18) {
  greeting = 'Good evening';
}
