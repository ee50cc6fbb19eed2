// fails: right.form
function card(book) {
  return `${book.title} ${book.year ?? 'n.d.'}`;
}
