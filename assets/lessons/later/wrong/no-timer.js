// fails: time.early
function wait(ms, value) {
  return new Promise((resolve) => resolve(value));
}
