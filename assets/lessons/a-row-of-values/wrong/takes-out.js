// fails: same.changed
function ends(list) {
  return [list.shift(), list.pop()];
}
