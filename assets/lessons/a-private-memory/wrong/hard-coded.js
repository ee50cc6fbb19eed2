// fails: counts.restarts
function makeCounter() {
  return () => 1;
}
