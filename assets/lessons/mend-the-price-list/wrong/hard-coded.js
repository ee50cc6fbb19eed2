// fails: right.fixed
function cheapest(books) {
  return ['Emma', 'Ulysses'];
}
