// fails: right.backwards
function ends(list) {
  return [list[0], list[-1]];
}
