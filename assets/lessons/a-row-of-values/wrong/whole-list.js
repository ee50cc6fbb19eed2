// fails: array.size
function ends(list) {
  return list;
}
