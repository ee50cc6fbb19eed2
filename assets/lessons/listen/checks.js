const shown = (t) => t.text(t.find('#count'));

export const checks = {
  start(t) {
    const now = shown(t);
    if (now === '1') t.fail('called', { expected: '0', actual: now });
    t.equal(now, '0');
  },
  async clicks(t) {
    const seen = [];
    for (let i = 0; i < 3; i += 1) {
      await t.click(t.find('#play'));
      seen.push(shown(t));
    }
    const now = seen[2];
    const show = { expected: '3', actual: now };
    if (now === '0') t.fail('none', show);
    if (now === '1' && seen[0] === '1') t.fail('one', show);
    if (now === '3' && seen[0] === '3') t.fail('fixed', { expected: '1', actual: '3' });
    if (now === 'NaN') t.fail('nan', show);
    if (now === '01' || now === '0111' || now === '111') t.fail('text', show);
    if (now === '2') t.fail('behind', show);
    t.equal(now, '3');
    t.equal(seen, ['1', '2', '3']);
  },
  async keyboard(t) {
    const before = Number(shown(t));
    await t.press(t.find('#play'), 'Enter');
    const now = Number(shown(t));
    if (now === before) t.fail('mouse');
    t.equal(now, before + 1);
  },
};
