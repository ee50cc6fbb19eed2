// fails: unchanged.itself
function withTag(post, tag) {
  post.tags.push(tag);
  return post;
}
