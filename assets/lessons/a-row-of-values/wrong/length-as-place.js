// fails: right.beyond
function ends(list) {
  return [list[0], list[list.length]];
}
