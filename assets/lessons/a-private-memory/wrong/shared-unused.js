// fails: own.second
let count = 0;

function makeCounter() {
  return () => {
    count += 1;
    return count;
  };
}
