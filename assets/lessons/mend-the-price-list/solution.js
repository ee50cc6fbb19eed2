function cheapest(books) {
  const sorted = books.toSorted((a, b) => a.price - b.price);
  return sorted.slice(0, 2).map((book) => book.title);
}

const shelf = [
  { title: 'Dune', price: 12 },
  { title: 'Emma', price: 7 },
  { title: 'Ulysses', price: 9 },
];
console.log(cheapest(shelf));
console.log(shelf[0].title); // should be Dune
