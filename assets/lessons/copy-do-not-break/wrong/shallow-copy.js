// fails: unchanged.changed
function withTag(post, tag) {
  const copy = { ...post };
  copy.tags.push(tag);
  return copy;
}
