function longest(words) {
  let best = '';
  for (const word of words) {
    if (word.length > best) {
      best = word;
    }
  }
  return best;
}

console.log(longest(['fog', 'thunder', 'rain'])); // should be thunder
