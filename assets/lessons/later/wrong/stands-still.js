// fails: promise.blocked
function wait(ms, value) {
  const end = Date.now() + ms;
  while (Date.now() < end) {
    Math.sqrt(2);
  }
  return value;
}
