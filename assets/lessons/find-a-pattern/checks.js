export const checks = {
  answer(t) {
    const isColor = t.value('isColor');
    t.ok(typeof isColor === 'function', 'missing');
    for (const text of ['#a0ff09', 'red']) t.ok(typeof isColor(text) === 'boolean', 'kind');
  },
  yes(t) {
    const isColor = t.value('isColor');
    for (const text of ['#a0ff09', '#000000', '#12bcde']) {
      if (!isColor(text)) t.fail(text === '#a0ff09' ? 'first' : 'fixed', { expected: true, actual: false });
    }
  },
  no(t) {
    const isColor = t.value('isColor');
    const others = [
      ['#a0ff0', 'short'], ['#', 'short'], ['room #a0ff09', 'around'], ['#a0ff09ff', 'around'],
      ['#a0gg09', 'signs'], ['#a0-f09', 'signs'], ['#a0|f09', 'signs'], ['#a0 f09', 'signs'], ['a0ff09', 'other'], ['', 'other'],
    ];
    for (const [text, why] of others) t.ok(!isColor(text), why);
  },
};
