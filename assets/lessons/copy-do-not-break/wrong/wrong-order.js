// fails: added.none
function withTag(post, tag) {
  return { tags: [...post.tags, tag], ...post };
}
