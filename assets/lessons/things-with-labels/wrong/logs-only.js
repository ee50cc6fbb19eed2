// fails: text.nothing
function card(book) {
  console.log(`${book.title} (${book.year ?? 'n.d.'})`);
}
