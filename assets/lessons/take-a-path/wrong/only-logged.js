// fails: right.unset
let greeting = 'Good morning';
if (hour >= 18) {
  console.log('Good evening');
} else if (hour >= 12) {
  console.log('Good afternoon');
}
