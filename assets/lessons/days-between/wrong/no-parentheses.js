// fails: right.product
function daysUntil(from, to) {
  return (new Date(to) - new Date(from)) / 24 * 60 * 60 * 1000;
}
