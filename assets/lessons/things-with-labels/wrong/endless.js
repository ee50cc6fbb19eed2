// fails: stopped
function card(book) {
  while (book.year === undefined) {
    console.log;
  }
  return `${book.title} (${book.year})`;
}
