// fails: right.noon
let greeting = 'Good morning';
if (hour >= 18) {
  greeting = 'Good evening';
}
