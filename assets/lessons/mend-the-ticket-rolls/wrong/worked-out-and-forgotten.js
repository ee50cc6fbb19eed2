// fails: one.stored
function makeRoll(count) {
  let left = count;
  return () => {
    left - 1;
    return left;
  };
}
