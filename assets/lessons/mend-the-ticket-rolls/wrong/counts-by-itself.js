// fails: one.kind
function makeRoll(count) {
  let left = count;
  left -= 1;
  return left;
}
