// fails: right.name
function card(book) {
  return `${book.name} (${book.year})`;
}
