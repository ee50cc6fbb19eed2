// fails: known.inside
if (hour < 12) {
  const greeting = 'Good morning';
} else if (hour < 18) {
  const greeting = 'Good afternoon';
} else {
  const greeting = 'Good evening';
}
