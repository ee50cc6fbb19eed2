// fails: promise.number
function wait(ms, value) {
  return setTimeout(() => value, ms);
}
