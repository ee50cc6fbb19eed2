function card(book) {
  // TODO: return the title, then the year in round brackets
}

console.log(card({ title: 'Dune', year: 1965 }));
console.log(card({ title: 'Beowulf' }));
