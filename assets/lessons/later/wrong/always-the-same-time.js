// fails: time.slow
function wait(ms, value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), 600);
  });
}
