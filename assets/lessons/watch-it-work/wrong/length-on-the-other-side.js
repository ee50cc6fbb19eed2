// fails: right.nothing
function longest(words) {
  let best = '';
  for (const word of words) {
    if (word > best.length) {
      best = word;
    }
  }
  return best;
}
