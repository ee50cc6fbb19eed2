// fails: kept.other
function withTag(post, tag) {
  return { title: post.title, votes: post.votes, tags: [...post.tags, tag] };
}
