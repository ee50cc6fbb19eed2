// fails: known.missing
let text = 'Good morning';
if (hour >= 18) {
  text = 'Good evening';
} else if (hour >= 12) {
  text = 'Good afternoon';
}
