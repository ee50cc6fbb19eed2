// destructuring, and a loop that remembers the latest value
function ends(list) {
  const [first] = list;
  let last = first;
  for (let i = 0; i < list.length; i++) {
    last = list[i];
  }
  const both = new Array(first, last);
  console.log('both', both);
  return both;
}
