// fails: array.nothing
function ends(list) {
  console.log([list.at(0), list.at(-1)]);
}
