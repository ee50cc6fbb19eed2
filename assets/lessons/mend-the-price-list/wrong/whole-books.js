// fails: right.books
function cheapest(books) {
  return books.toSorted((a, b) => a.price - b.price).slice(0, 2);
}
