// fails: counts.nothing
function makeCounter() {
  let count = 0;
  return () => {
    count += 1;
  };
}
