const books = (...prices) => prices.map((price, i) => ({ title: 'ABCDE'[i], price }));

export const checks = {
  right(t) {
    const cheapest = t.value('cheapest');
    t.ok(typeof cheapest === 'function', 'missing');
    const one = cheapest(books(12, 7, 9));
    const other = cheapest(books(100, 20, 3, 5));
    if (one === undefined) t.fail('nothing');
    if (Array.isArray(one) && typeof one[0]?.title === 'string') t.fail('books', { expected: ['B', 'C'], actual: one });
    if (String(one) === 'A,B') t.fail('unsorted', { expected: ['B', 'C'], actual: one });
    if (String(one) === String(other)) t.fail('fixed', { expected: ['C', 'D'], actual: other });
    t.equal(one, ['B', 'C']);
    t.equal(other, ['C', 'D']);
  },
  unchanged(t) {
    const list = books(12, 7, 9);
    t.value('cheapest')(list);
    const titles = list.map((book) => book.title);
    if (String(titles) === 'A,B,C') return;
    t.fail(/=\s*books\s*[;\n]/.test(t.bare) ? 'name' : 'sorted', { expected: ['A', 'B', 'C'], actual: titles });
  },
};
