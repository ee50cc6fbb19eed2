// fails: map.object
function countTags(tags) {
  const counts = {};
  for (const tag of tags) {
    counts[tag] = (counts[tag] ?? 0) + 1;
  }
  return counts;
}
