// fails: maker.nothing
function makeCounter() {
  let count = 0;
  () => {
    count += 1;
    return count;
  };
}
