// fails: right.fixed
function longest(words) {
  return 'thunder';
}
