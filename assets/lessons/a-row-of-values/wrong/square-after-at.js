// fails: right.round
function ends(list) {
  return [list.at[0], list.at[-1]];
}
