// fails: time.early
function wait(ms, value) {
  return new Promise((resolve) => {
    setTimeout(resolve(value), ms);
  });
}
