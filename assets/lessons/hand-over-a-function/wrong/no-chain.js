// fails: result.once
function twice(fn, x) {
  fn(x);
  return fn(x);
}
