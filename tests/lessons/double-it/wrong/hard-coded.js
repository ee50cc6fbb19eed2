// fails: right
function double(n) {
  return 6;
}
