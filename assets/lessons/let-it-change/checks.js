export const checks = {
  score(t) {
    const score = t.value('score');
    if (score === 0) t.fail('zero', { expected: 20, actual: 0 });
    if (score === 10) t.fail('ten', { expected: 20, actual: 10 });
    if (typeof score === 'string') t.fail('text', { expected: 20, actual: score });
    t.equal(score, 20, 'other');
  },
  changes(t) {
    try {
      t.set('score', 20);
    } catch {
      t.fail('const');
    }
  },
  steps(t) {
    // 20 is 20, however it came about; only the code tells.
    const code = t.bare;
    const adds = code.match(/\bscore\s*([-+]=|\+\+|=(?!=)[^;\n]*\bscore\b)|\+\+\s*score\b/g) ?? [];
    if (adds.length === 0) t.fail('typed');
    t.ok(/\bscore\s*=\s*0(?![\d.])/.test(code), 'start');
    const last = t.logged.at(-1) ?? [];
    t.ok(last.length !== 1 || typeof last[0] !== 'number' || last[0] === 20, 'early');
    t.ok(adds.length > 1 || /\b(for|while|do|function)\b|=>/.test(code), 'once');
  },
};
