// fails: added.number
function withTag(post, tag) {
  return { ...post, tags: post.tags.push(tag) };
}
