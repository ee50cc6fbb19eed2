// fails: counts.one
function countTags(tags) {
  const counts = new Map();
  for (const tag of tags) {
    counts.set(tag, 1);
  }
  return counts;
}
