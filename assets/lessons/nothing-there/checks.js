export const runs = [
  { given: { nickname: 'Ada' } },
  { given: { nickname: null } },
  { given: { nickname: undefined } },
  { given: { nickname: '' } },
];

export const checks = {
  shown(t) {
    const shown = t.value('shown');
    const { nickname } = t.given;
    const wanted = nickname ?? 'guest';
    if (shown === wanted) return;
    const values = { expected: wanted, actual: shown };
    if (shown === 'nickname') t.fail('quoted', values);
    if (typeof shown === 'boolean') t.fail('boolean', values);
    if (nickname === 'Ada') t.fail('given', values);
    if (nickname === '') t.fail('empty', values);
    if (typeof shown === 'string' && shown.trim().toLowerCase() === 'guest') t.fail('spelling', values);
    if (shown !== nickname) t.fail('other', values);
    t.fail(nickname === null ? 'null' : 'undefined', values);
  },
};
