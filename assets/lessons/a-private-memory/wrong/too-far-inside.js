// fails: counts.restarts
function makeCounter() {
  return () => {
    let count = 0;
    count += 1;
    return count;
  };
}
