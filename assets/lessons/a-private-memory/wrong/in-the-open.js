// fails: hidden.global
function makeCounter() {
  let count = 0;
  return () => {
    count += 1;
    globalThis.latest = count;
    return count;
  };
}
