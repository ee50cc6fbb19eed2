// fails: added.lost
function withTag(post, tag) {
  return { ...post, tags: [tag] };
}
