// A sentence that is logged counts too: to its writer, the console has said it.
const answer = (t) => (t.result === undefined && t.logged.length > 0 ? t.logged.at(-1).join(' ') : t.result);

export const checks = {
  text(t) {
    const value = answer(t);
    if (value === undefined) t.fail('nothing');
    t.ok(typeof value === 'string', 'other');
  },
  words(t) {
    const value = answer(t);
    if (value.trim() === '') t.fail('empty');
    t.ok(/\S\s+\S/.test(value), 'one');
  },
};
