// fails: result.nothing
function twice(fn, x) {
  fn(fn(x));
}
