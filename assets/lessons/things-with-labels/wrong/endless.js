// fails: stopped
function card(book) {
  let year = book.year;
  while (year === undefined) {
    book.year = 'n.d.';
  }
  return `${book.title} (${year})`;
}
