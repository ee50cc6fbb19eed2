export const runs = [
  {},
  { storage: 'kept' },
  { storage: { cities: '["Quito","Cairo","Hanoi"]' } },
  { storage: { cities: '["Oslo","Li' } },
];

const [empty, kept, given, broken] = [0, 1, 2, 3];
const shown = (t) => t.all('#list li').map((item) => t.text(item));

async function send(t, text) {
  t.find('#city').value = '';
  await t.type(t.find('#city'), text);
  await t.submit(t.find('#add'));
}

export const checks = {
  async saved(t) {
    if (t.run !== empty) return;
    if (shown(t).length > 0) t.fail('start', { expected: [], actual: shown(t) });
    await send(t, 'Oslo');
    await send(t, 'Lima');
    if (shown(t).length !== 2) t.fail('page', { expected: ['Oslo', 'Lima'], actual: shown(t) });
    const stored = t.storage;
    if (Object.keys(stored).length === 0) t.fail('nothing');
    if (stored.cities === undefined) t.fail('key', { expected: 'cities', actual: Object.keys(stored)[0] });
    let value;
    try {
      value = JSON.parse(stored.cities);
    } catch {
      t.fail('json', { expected: '["Oslo","Lima"]', actual: stored.cities });
    }
    t.equal(value, ['Oslo', 'Lima']);
  },
  restored(t) {
    if (t.run === kept) {
      const now = shown(t);
      if (now.length === 0) t.fail('nothing', { expected: ['Oslo', 'Lima'], actual: now });
      if (now.length > 2) t.fail('text', { expected: ['Oslo', 'Lima'], actual: now });
      t.equal(now, ['Oslo', 'Lima']);
    }
    if (t.run === given) t.equal(shown(t), ['Quito', 'Cairo', 'Hanoi'], 'fixed');
  },
  async broken(t) {
    if (t.run !== broken) return;
    t.equal(shown(t), []);
    await send(t, 'Rome');
    t.equal(shown(t), ['Rome']);
  },
};
