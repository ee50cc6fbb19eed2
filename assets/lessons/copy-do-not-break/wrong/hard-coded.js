// fails: added.fixed
function withTag(post, tag) {
  return { title: 'Rain in Oslo', votes: 4, tags: ['weather', 'city'] };
}
