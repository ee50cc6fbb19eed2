// fails: stopped
function withTag(post, tag) {
  const tags = [...post.tags];
  while (tags.at(-1) !== tag) {
    tags.concat(tag);
  }
  return { ...post, tags: tags };
}
