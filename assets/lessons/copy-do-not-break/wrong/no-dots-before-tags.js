// fails: added.nested
function withTag(post, tag) {
  return { ...post, tags: [post.tags, tag] };
}
