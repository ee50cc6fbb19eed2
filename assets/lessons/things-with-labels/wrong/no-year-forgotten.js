// fails: without.undefined
function card(book) {
  return `${book.title} (${book.year})`;
}
