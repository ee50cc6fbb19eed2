// fails: value.fixed
function wait(ms, value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve('soup'), ms);
  });
}
