// fails: gives.other
function area(w, h) {
  return w === h;
}
