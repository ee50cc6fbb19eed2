// the long way
function card(book) {
  let when = book["year"];
  if (when === undefined) {
    when = "n.d.";
  }
  return book["title"] + " (" + when + ")";
}
