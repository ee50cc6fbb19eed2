// fails: right.unsorted
function cheapest(books) {
  books.toSorted((a, b) => a.price - b.price);
  return books.slice(0, 2).map((book) => book.title);
}
