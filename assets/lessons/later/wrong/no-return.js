// fails: promise.nothing
function wait(ms, value) {
  new Promise((resolve) => {
    setTimeout(() => resolve(value), ms);
  });
}
