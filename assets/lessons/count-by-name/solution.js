function countTags(tags) {
  const counts = new Map();
  for (const tag of tags) {
    counts.set(tag, (counts.get(tag) ?? 0) + 1);
  }
  return counts;
}

console.log(countTags(['css', 'html', 'css']));
