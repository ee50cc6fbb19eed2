/** Why the sum became text. */
const textOf = (code) => (/\+=\s*prices\s*[;\n}]/.test(code) ? 'whole' : /\bin\s+prices\b/.test(code) ? 'in' : 'text');

export const checks = {
  number(t) {
    const total = t.value('total');
    t.ok(typeof total === 'function', 'missing');
    const result = total([3, 8, 1]);
    t.ok(result !== undefined, 'nothing');
    if (typeof result === 'string') t.fail(textOf(t.bare), { expected: 12, actual: result });
    if (Number.isNaN(result)) t.fail(/\blength\b/.test(t.bare) ? 'beyond' : 'nan', { expected: 12, actual: result });
    t.equal(typeof result, 'number');
  },
  sum(t) {
    const total = t.value('total');
    const lists = [[3, 8, 1], [20, 5], [7, 7, 7, 7]];
    const results = lists.map((list) => total([...list]));
    if (results[0] === 3 && results[1] === 20) t.fail('early', { expected: 12, actual: 3 });
    if (results[0] === 1 && results[1] === 5) t.fail('last', { expected: 12, actual: 1 });
    if (results[0] === 3 && results[1] === 2) t.fail('counted', { expected: 12, actual: 3 });
    if (results[0] === 12 && results[1] === 12) t.fail('fixed', { expected: 25, actual: 12 });
    if (results[0] === 0 && results[1] === 0) t.fail('zero', { expected: 12, actual: 0 });
    t.equal(results[0], 12);
    t.equal(results[1], 25);
    t.equal(results[2], 28);
  },
  empty(t) {
    const result = t.value('total')([]);
    if (result === undefined) t.fail('nothing', { expected: 0, actual: undefined });
    t.equal(result, 0);
  },
};
