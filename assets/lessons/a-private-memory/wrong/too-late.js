// fails: counts.zero
function makeCounter() {
  let count = 0;
  return () => count++;
}
