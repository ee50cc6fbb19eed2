// fails: gives.text
function area(w, h) {
  return 'w * h';
}
