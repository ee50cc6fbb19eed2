export const checks = {
  number(t) {
    const daysUntil = t.value('daysUntil');
    t.ok(typeof daysUntil === 'function', 'missing');
    const days = daysUntil('2026-02-27', '2026-03-01');
    const values = { expected: 2, actual: days };
    if (days === undefined) t.fail('nothing', values);
    if (Number.isNaN(days)) t.fail('nan', values);
    if (typeof days !== 'number') t.fail(null, values);
  },
  right(t) {
    const daysUntil = t.value('daysUntil');
    const check = (from, to, wanted, why) => t.equal(daysUntil(from, to), wanted, why);
    const one = daysUntil('2026-05-01', '2026-05-02');
    if (one === 86400000) t.fail('ms', { expected: 1, actual: one });
    if (one === 86400000 / 24 * 60 * 60 * 1000) t.fail('product', { expected: 1, actual: one });
    check('2026-05-01', '2026-05-02', 1, daysUntil('2026-05-01', '2026-05-09') === 2 ? 'fixed' : 'other');
    check('2026-02-27', '2026-03-01', 2, 'month');
    check('2028-02-27', '2028-03-01', 3, 'month');
    check('2026-12-31', '2027-01-01', 1, 'month');
    check('2026-03-01', '2026-04-01', 31, 'month');
    check('2026-03-05', '2026-03-05', 0, 'other');
    check('2026-03-05', '2026-03-04', -1, 'back');
  },
};
