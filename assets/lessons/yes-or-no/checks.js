export const runs = [{ given: { age: 17 } }, { given: { age: 18 } }, { given: { age: 40 } }];

const ignoresAge = (code) => !/\bage\b/.test(code) || /\b(const|let|var)\s+age\b/.test(code);

export const checks = {
  boolean(t) {
    const canEnter = t.value('canEnter');
    if (typeof canEnter === 'number') t.fail('number');
    if (typeof canEnter === 'string') t.fail('text');
    if (typeof canEnter === 'function') t.fail('arrow');
    t.ok(typeof canEnter === 'boolean', 'other');
  },
  right(t) {
    const canEnter = t.value('canEnter');
    const wanted = t.given.age >= 18;
    if (canEnter === wanted) return;
    const values = { expected: wanted, actual: canEnter };
    if (ignoresAge(t.bare)) t.fail('fixed', values);
    if (t.given.age === 17) t.fail('young', values);
    if (t.given.age === 18) t.fail('border', values);
    t.fail('only', values);
  },
};
