// fails: counts.start
function makeCounter() {
  let count = 1;
  return () => {
    count += 1;
    return count;
  };
}
