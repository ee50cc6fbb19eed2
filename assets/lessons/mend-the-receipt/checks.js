export const runs = [
  { given: { fruit: 'Figs', price: 5 } },
  { given: { fruit: 'Pears', price: 3 } },
  { given: { fruit: 'Kiwis', price: 0.5 } },
];

export const checks = {
  total(t) {
    const total = t.value('total');
    const { price } = t.given;
    const values = { expected: price + 2, actual: total };
    if (total === price) t.fail('same', values);
    if (total === 2) t.fail('bag', values);
    if (typeof total === 'string') t.fail('text', values);
    if (t.run > 0 && total === 7) t.fail('fixed', values);
    t.equal(total, price + 2);
  },
  receipt(t) {
    t.equal(t.value('receipt'), `${t.given.fruit}: ${t.given.price + 2} dollars`);
  },
};
