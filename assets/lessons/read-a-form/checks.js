async function send(t, text) {
  document.activeElement?.blur();
  await t.type(t.find('#city'), text);
  await t.submit(t.find('#add'));
}

const shown = (t) => t.all('#list li').map((item) => item.textContent);

export const checks = {
  async stays(t) {
    await send(t, 'Oslo');
    t.ok(t.reloads === 0, 'reload');
  },
  async added(t) {
    const one = shown(t);
    const show = { expected: ['Oslo'], actual: one };
    if (one.length === 0) t.fail(t.text(t.find('#list')) === '' ? 'none' : 'text');
    if (one.length === 1 && one[0] === '') t.fail('empty', show);
    t.equal(one, ['Oslo']);
    t.find('#city').value = '';
    await send(t, '  Buenos Aires ');
    const two = shown(t);
    const both = { expected: ['Oslo', 'Buenos Aires'], actual: two };
    if (two[1] !== undefined && two[1] !== 'Buenos Aires' && two[1].trim() === 'Buenos Aires') t.fail('spaces', both);
    if (two.length === 2 && two[0] === two[1]) t.fail('fixed', both);
    if (two.length === 1) t.fail('replaced', both);
    t.equal(two, ['Oslo', 'Buenos Aires']);
  },
  async blank(t) {
    t.find('#city').value = '';
    await t.submit(t.find('#add'));
    t.equal(shown(t).length, 2, 'added');
    await send(t, '   ');
    t.equal(shown(t).length, 2, 'added');
    t.find('#city').value = '';
  },
  async cleared(t) {
    await send(t, 'Lima');
    const now = t.find('#city').value;
    if (now !== '') t.fail(null, { expected: '', actual: now });
  },
  async focus(t) {
    await send(t, 'Rome');
    t.ok(document.activeElement === t.find('#city'));
  },
};
