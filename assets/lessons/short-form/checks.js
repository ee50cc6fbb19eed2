const close = (a, b) => typeof a === 'number' && Math.abs(a - b) < 1e-6;

export const checks = {
  tool(t) {
    t.ok(typeof t.value('gross') === 'function', 'kind');
  },
  usual(t) {
    const before = t.logged.length;
    const result = t.value('gross')(100);
    if (close(result, 120)) return;
    const values = { expected: 120, actual: result };
    if (result === undefined) t.fail(t.logged.length > before ? 'logged' : 'nothing', values);
    if (Number.isNaN(result)) t.fail('missingtax', values);
    if (typeof result === 'string') t.fail('text', values);
    if (close(result, 100)) t.fail('untaxed', values);
    if (close(result, 20)) t.fail('taxonly', values);
    if (close(result, 2100)) t.fail('percent', values);
    t.fail('other', values);
  },
  free(t) {
    const gross = t.value('gross');
    const result = gross(100, 0);
    if (close(result, 100)) return;
    // `||` gives the usual tax instead of 0, but takes any other; without a second parameter none is taken.
    const takesTax = close(gross(100, 0.5), 150);
    t.fail(close(result, 120) ? (takesTax ? 'or' : 'fixed') : 'other', { expected: 100, actual: result });
  },
  any(t) {
    const gross = t.value('gross');
    [
      [gross(50, 0.1), 55],
      [gross(200, 0.5), 300],
      [gross(10), 12],
    ].forEach(([result, wanted]) => {
      if (!close(result, wanted)) t.fail('other', { expected: wanted, actual: result });
    });
  },
};
