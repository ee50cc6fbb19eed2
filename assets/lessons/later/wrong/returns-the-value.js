// fails: promise.nothing
function wait(ms, value) {
  setTimeout(() => {
    return value;
  }, ms);
}
