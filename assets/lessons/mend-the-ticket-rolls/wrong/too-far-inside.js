// fails: one.stuck
function makeRoll(count) {
  return () => {
    let left = count;
    left -= 1;
    return left;
  };
}
