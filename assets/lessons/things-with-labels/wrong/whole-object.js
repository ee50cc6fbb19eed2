// fails: right.object
function card(book) {
  return `${book} (${book.year})`;
}
