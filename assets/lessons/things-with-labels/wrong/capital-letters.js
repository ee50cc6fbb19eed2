// fails: right.name
function card(book) {
  return `${book.Title} (${book.Year})`;
}
