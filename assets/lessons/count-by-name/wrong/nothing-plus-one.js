// fails: counts.nan
function countTags(tags) {
  const counts = new Map();
  for (const tag of tags) {
    counts.set(tag, counts.get(tag) + 1);
  }
  return counts;
}
