// fails: unchanged.name
function cheapest(books) {
  const copy = books;
  copy.sort((a, b) => a.price - b.price);
  return copy.slice(0, 2).map((book) => book.title);
}
