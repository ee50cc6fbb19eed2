// fails: right.ms
function daysUntil(from, to) {
  return new Date(to) - new Date(from);
}
