// A sum that is logged counts too: to its writer, the console has answered.
const answer = (t) => (t.result === undefined && t.logged.length > 0 ? t.logged.at(-1)[0] : t.result);

const lastStatement = (code) =>
  code
    .split(/[;\n]/)
    .map((line) => line.replace(/[\s()]/g, ''))
    .filter((line) => line !== '')
    .at(-1) ?? '';

export const checks = {
  answer(t) {
    const value = answer(t);
    if (value === undefined) t.fail('nothing');
    if (typeof value === 'string') t.fail('text', { expected: 42, actual: value });
    if (value !== 42 && /\d\s*,\s*\d/.test(t.bare)) t.fail('comma', { expected: 42, actual: value });
    t.equal(value, 42, 'other');
  },
  work(t) {
    t.ok(!/^(console\.log)?[-+]*0*42(\.0*)?$/.test(lastStatement(t.bare)), 'bare');
  },
};
