const walls = [
  [3, 4],
  [5, 2],
  [2.5, 6],
];

export const checks = {
  tool(t) {
    t.ok(typeof t.value('area') === 'function', 'kind');
  },
  gives(t) {
    const before = t.logged.length;
    const result = t.value('area')(3, 4);
    if (result === undefined) t.fail(t.logged.length > before ? 'logged' : 'nothing');
    if (typeof result === 'string') t.fail('text', { expected: 12, actual: result });
    t.ok(typeof result === 'number', 'other');
  },
  right(t) {
    const area = t.value('area');
    const results = walls.map(([w, h]) => area(w, h));
    walls.forEach(([w, h], i) => {
      const result = results[i];
      if (result === w * h) return;
      const values = { expected: w * h, actual: result };
      if (results.every((other) => other === results[0])) t.fail('fixed', values);
      if (result === w + h) t.fail('sum', values);
      if (result === 2 * (w + h)) t.fail('around', values);
      t.fail('other', values);
    });
  },
};
