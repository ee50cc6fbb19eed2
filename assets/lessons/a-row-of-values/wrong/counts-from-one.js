// fails: right.counted
function ends(list) {
  return [list.at(1), list.at(-1)];
}
