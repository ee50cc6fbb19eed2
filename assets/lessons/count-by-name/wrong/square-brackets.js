// fails: counts.empty
function countTags(tags) {
  const counts = new Map();
  for (const tag of tags) {
    counts[tag] = (counts[tag] ?? 0) + 1;
  }
  return counts;
}
