// fails: right.fixed
function daysUntil(from, to) {
  return 2;
}
