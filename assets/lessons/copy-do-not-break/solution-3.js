function withTag(post, tag) {
  const copy = Object.assign({}, post);
  copy.tags = [];
  for (const old of post.tags) copy.tags.push(old);
  copy.tags.push(tag);
  return copy;
}
