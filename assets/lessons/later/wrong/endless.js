// fails: stopped
function wait(ms, value) {
  let ready = false;
  setTimeout(() => {
    ready = true;
  }, ms);
  while (ready === false) {
    Math.sqrt(2);
  }
  return value;
}
