// fails: calls.many
function twice(fn, x) {
  console.log(fn(x));
  return fn(fn(x));
}
