// What came back; what was thrown is told apart from other errors, which go on as the learner's own.
const read = (t, text, fallback) => {
  try {
    return { value: t.value('readJson')(text, fallback) };
  } catch (error) {
    if (typeof error === 'object' && error?.name !== 'SyntaxError' && error?.name !== 'Error') throw error;
    return { thrown: error };
  }
};

export const checks = {
  tool(t) {
    t.ok(typeof t.value('readJson') === 'function', 'kind');
  },
  good(t) {
    [
      ['21', 21],
      ['"fog"', 'fog'],
    ].forEach(([text, wanted]) => {
      const { value, thrown } = read(t, text, 'none');
      const values = { expected: wanted, actual: value };
      if (thrown) t.fail('thrown');
      if (value === undefined) t.fail('nothing', values);
      if (value === 'none') t.fail('fallback', values);
      if (value === text) t.fail('text', values);
      t.equal(value, wanted, 'other');
    });
  },
  bad(t) {
    [
      ['fog', 'none'],
      ['21 degrees', 7],
      ['', 0],
    ].forEach(([text, fallback]) => {
      const { value, thrown } = read(t, text, fallback);
      const values = { expected: fallback, actual: value };
      if (thrown) t.fail('thrown');
      if (value === undefined) t.fail('nothing', values);
      if (value === 'fallback') t.fail('quoted', values);
      t.equal(value, fallback, 'other');
    });
  },
  kept(t) {
    [
      ['null', null],
      ['0', 0],
      ['false', false],
    ].forEach(([text, wanted]) => {
      const { value, thrown } = read(t, text, 'none');
      if (thrown) t.fail('thrown');
      t.equal(value, wanted, 'lost');
    });
  },
};
