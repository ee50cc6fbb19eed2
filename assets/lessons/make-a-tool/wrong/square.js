// fails: right.other
function area(w, h) {
  return w * w;
}
