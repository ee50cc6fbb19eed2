export const runs = [{ given: { start: 3 } }, { given: { start: 40 } }];
export const checks = {
  made(t) { t.equal(typeof t.value('double'), 'function'); },
  right(t) {
    const got = t.value('double')(t.given.start);
    t.ok(got !== undefined, 'returned');
    t.equal(got, t.given.start * 2);
  },
};
