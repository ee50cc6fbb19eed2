const addThree = (n) => n + 3;
const double = (n) => n * 2;

export const checks = {
  tool(t) {
    t.ok(typeof t.value('twice') === 'function', 'kind');
  },
  result(t) {
    const twice = t.value('twice');
    const before = t.logged.length;
    const first = twice(addThree, 10);
    const values = { expected: 16, actual: first };
    if (first === undefined) t.fail(t.logged.length > before ? 'logged' : 'nothing', values);
    if (typeof first === 'function') t.fail('unused', values);
    if (first === 10) t.fail('untouched', values);
    if (first === 13) t.fail('once', values);
    if (first === 26) t.fail('sum', values);
    t.equal(first, 16, 'other');
    t.equal(twice(double, 5), 20, 'fixed');
  },
  calls(t) {
    const fn = t.spy((n) => n * 10 + 1);
    t.value('twice')(fn, 4);
    if (fn.calls.length > 2) t.fail('many');
    t.ok(fn.calls.length === 2 && fn.calls[1][0] === 41, 'few');
  },
};
