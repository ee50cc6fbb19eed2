// fails: right.fixed
function card(book) {
  return 'Dune (1965)';
}
