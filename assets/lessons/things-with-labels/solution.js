function card(book) {
  return `${book.title} (${book.year ?? 'n.d.'})`;
}

console.log(card({ title: 'Dune', year: 1965 }));
console.log(card({ title: 'Beowulf' }));
