// fails: right.back
function daysUntil(from, to) {
  return Math.abs(new Date(to) - new Date(from)) / 86400000;
}
