// fails: known.other
let greeting = 'good morning';
if (hour >= 18) {
  greeting = 'good evening';
} else if (hour >= 12) {
  greeting = 'good afternoon';
}
