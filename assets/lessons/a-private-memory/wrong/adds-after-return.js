// fails: counts.restarts
function makeCounter() {
  let count = 0;
  return () => {
    return count;
    count += 1;
  };
}
