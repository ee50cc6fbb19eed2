// fails: right.alphabet
function longest(words) {
  let best = '';
  for (const word of words) {
    if (word > best) {
      best = word;
    }
  }
  return best;
}
