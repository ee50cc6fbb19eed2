// fails: right.month
function daysUntil(from, to) {
  return new Date(to).getUTCDate() - new Date(from).getUTCDate();
}
