export const checks = {
  map(t) {
    const countTags = t.value('countTags');
    t.ok(typeof countTags === 'function', 'missing');
    const counts = countTags(['css', 'html', 'css']);
    t.ok(counts !== undefined, 'nothing');
    t.ok(counts instanceof Map, 'object');
  },
  counts(t) {
    const countTags = t.value('countTags');
    const one = countTags(['css', 'html', 'css']);
    const wanted = new Map([['css', 2], ['html', 1]]);
    const values = { expected: wanted, actual: one };
    if ([...one.values()].some(Number.isNaN)) t.fail('nan', values);
    if (one.size === 0) t.fail('empty', values);
    if (one.get('css') === 1) t.fail('one', values);
    t.equal(one, wanted);
    t.equal(countTags(['web', 'js', 'js', 'js']), new Map([['web', 1], ['js', 3]]), 'fixed');
    t.equal(countTags([]), new Map(), 'fixed');
  },
  any(t) {
    const tags = ['constructor', 'toString', 'constructor'];
    t.equal(t.value('countTags')(tags), new Map([['constructor', 2], ['toString', 1]]));
  },
};
