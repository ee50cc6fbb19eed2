export const runs = [{}, { storage: 'kept' }];

const both = ['Milk', 'Bread'];
const shown = (t) => t.all('#list li').map((item) => t.text(item));

async function send(t, text) {
  t.find('#note').value = '';
  await t.type(t.find('#note'), text);
  await t.submit(t.find('#add'));
}

export const checks = {
  async page(t) {
    if (t.run !== 0) return;
    for (const text of both) await send(t, text);
    const now = shown(t);
    if (now.length === 0) t.fail('nothing', { expected: both, actual: now });
    t.equal(now, both, 'other');
  },
  kept(t) {
    if (t.run !== 1) return;
    const now = shown(t);
    const values = { expected: both, actual: now };
    if (now.length === 0) t.fail('nothing', values);
    if (String(now) === 'Milk') t.fail('last', values);
    t.equal(now, both);
  },
};
