export const runs = [{ given: { n: 3 } }, { given: { n: 5 } }, { given: { n: 0 } }];

const upTo = (n) => Array.from({ length: n }, (_, i) => String(i + 1));

const logged = (t) => t.lines.flatMap((line) => line.split('\n')).map((line) => line.trim());

export const checks = {
  lines(t) {
    const { n } = t.given;
    if (n === 0) return;
    const lines = logged(t);
    const is = (wanted) => lines.join('\n') === wanted.join('\n');
    if (is(upTo(n))) return;
    const values = { expected: upTo(n).join(', '), actual: lines.slice(0, 20).join(', ') };
    if (lines.length === 0) t.fail(/\bconsole\s*\.\s*log\b/.test(t.bare) ? 'never' : 'none');
    if (t.run > 0 && is(upTo(runs[0].given.n))) t.fail('fixed', values);
    if (lines.length > 1 && lines.every((line) => line === lines[0])) t.fail(/^-?\d/.test(lines[0]) ? 'same' : 'quoted', values);
    if (lines[0] === '0') t.fail('zero', values);
    if (is(upTo(n - 1))) t.fail('short', values);
    if (is(upTo(n + 1))) t.fail('long', values);
    if (lines.length === 1 && lines[0] !== '1') t.fail('once', values);
    t.fail('other', values);
  },
  silent(t) {
    if (t.given.n === 0) t.ok(t.lines.length === 0, 'some');
  },
};
