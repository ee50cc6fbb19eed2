// fails: one.nothing
function makeRoll(count) {
  let left = count;
  return () => {
    left -= 1;
  };
}
