// fails: right.inner
let greeting = 'Good morning';
if (hour >= 18) {
  let greeting = 'Good evening';
} else if (hour >= 12) {
  let greeting = 'Good afternoon';
}
