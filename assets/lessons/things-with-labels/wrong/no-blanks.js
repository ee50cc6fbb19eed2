// fails: right.blanks
function card(book) {
  return `book.title (book.year)`;
}
