export const checks = {
  text(t) {
    const card = t.value('card');
    t.ok(typeof card === 'function', 'missing');
    const result = card({ title: 'Dune', year: 1965 });
    t.ok(result !== undefined, 'nothing');
    if (typeof result !== 'string') t.fail('kind', { expected: 'Dune (1965)', actual: result });
  },
  right(t) {
    const card = t.value('card');
    const one = card({ title: 'Dune', year: 1965 });
    const two = card({ title: 'Emma', year: 1815 });
    if (one.includes('[object Object]')) t.fail('object', { expected: 'Dune (1965)', actual: one });
    if (one.includes('undefined')) t.fail('name', { expected: 'Dune (1965)', actual: one });
    if (one.includes('book')) t.fail('blanks', { expected: 'Dune (1965)', actual: one });
    if (one === two) t.fail('fixed', { expected: 'Emma (1815)', actual: two });
    if (one !== 'Dune (1965)' && one.includes('Dune') && one.includes('1965')) t.fail('form', { expected: 'Dune (1965)', actual: one });
    t.equal(one, 'Dune (1965)');
    t.equal(two, 'Emma (1815)');
  },
  without(t) {
    const card = t.value('card');
    const one = card({ title: 'Beowulf' });
    if (typeof one === 'string' && one.includes('undefined')) t.fail('undefined', { expected: 'Beowulf (n.d.)', actual: one });
    if (one === 'Beowulf n.d.' || one === 'Beowulf (n.d)' || one === 'n.d.') t.fail('form', { expected: 'Beowulf (n.d.)', actual: one });
    t.equal(one, 'Beowulf (n.d.)');
    t.equal(card({ title: 'Sir Orfeo' }), 'Sir Orfeo (n.d.)');
  },
};
