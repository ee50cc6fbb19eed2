// fails: right.sum
function area(w, h) {
  return w + h;
}
