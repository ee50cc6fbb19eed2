// fails: counts.other
function makeCounter() {
  let count = 0;
  return () => {
    count += 2;
    return count;
  };
}
