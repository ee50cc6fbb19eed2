// fails: value.late
function wait(ms, value) {
  return new Promise((resolve) => {
    setTimeout(() => value, ms);
  });
}
