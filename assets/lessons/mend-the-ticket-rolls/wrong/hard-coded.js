// fails: one.stuck
function makeRoll(count) {
  return () => 9;
}
