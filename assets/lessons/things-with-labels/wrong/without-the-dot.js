// fails: error ReferenceError
function card(book) {
  return `${title} (${year})`;
}
