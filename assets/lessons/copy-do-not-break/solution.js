function withTag(post, tag) {
  const { tags } = post;
  return { ...post, tags: [...tags, tag] };
}

const post = { title: 'Rain in Oslo', votes: 4, tags: ['weather'] };
console.log(withTag(post, 'city'));
console.log(post);
