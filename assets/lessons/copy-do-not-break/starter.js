function withTag(post, tag) {
  // TODO: return a new post with one more tag
}

const post = { title: 'Rain in Oslo', votes: 4, tags: ['weather'] };
console.log(withTag(post, 'city'));
console.log(post);
