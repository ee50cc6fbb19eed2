// fails: own.first
let count = 0;

function makeCounter() {
  count = 0;
  return () => {
    count += 1;
    return count;
  };
}
