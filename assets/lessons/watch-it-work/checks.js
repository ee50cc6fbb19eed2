export const checks = {
  right(t) {
    const longest = t.value('longest');
    t.ok(typeof longest === 'function', 'missing');
    for (const [words, wanted] of [[['fog', 'thunder', 'rain'], 'thunder'], [['hail', 'snowflake', 'wind', 'ice'], 'snowflake']]) {
      const found = longest(words);
      const values = { expected: wanted, actual: found };
      if (found === words[0]) t.fail('first', values);
      if (found === '' || found === undefined) t.fail('nothing', values);
      if (found === words.toSorted().at(-1) && found !== wanted) t.fail('alphabet', values);
      if (!words.includes(found)) t.fail('fixed', values);
      t.equal(found, wanted);
    }
  },
  ties(t) {
    t.equal(t.value('longest')(['fog', 'sun', 'ice']), 'fog');
  },
  empty(t) {
    t.equal(t.value('longest')([]), '');
  },
};
