/** Adds a link as a person does. */
async function add(t, title, address = 'https://example.org/page') {
  for (const [selector, text] of [['#title', title], ['#address', address]]) {
    t.find(selector).value = '';
    await t.type(t.find(selector), text);
  }
  await t.submit(t.find('#add'));
}

const seen = (element) => element.checkVisibility();
const items = (t) => t.all('#list li').filter(seen);
const titles = (t) => items(t).map((item) => t.text(item.querySelector('a') ?? item));
const itemOf = (t, title) => items(t).find((item) => t.text(item.querySelector('a') ?? item) === title);
const boxOf = (t, title) => itemOf(t, title)?.querySelector('input[type=checkbox]');
const ticks = (t) => items(t).map((item) => item.querySelector('input[type=checkbox]')?.checked);

const all = ['All about rain', 'A walk in the fog', 'Snow for two'];
const withoutFog = ['All about rain', 'Snow for two'];

export const checks = {
  async all(t) {
    for (const title of all) await add(t, title);
    t.equal(titles(t), all);
    const box = boxOf(t, 'A walk in the fog');
    t.ok(box, 'box');
    await t.click(box);
    t.equal(titles(t), all, 'early');
  },
  async unread(t) {
    await t.click(t.find('#unread'));
    const now = titles(t);
    const show = { expected: withoutFog, actual: now };
    if (now.length === 3) t.fail('none', show);
    if (now.length === 0) t.fail('empty', show);
    if (String(now) === 'A walk in the fog') t.fail('turned', show);
    t.equal(now, withoutFog);
  },
  async leaves(t) {
    await t.click(boxOf(t, 'All about rain'));
    const now = titles(t);
    if (now.length === 2) t.fail('stays', { expected: ['Snow for two'], actual: now });
    t.equal(now, ['Snow for two']);
    await add(t, 'Hail in May');
    t.equal(titles(t), ['Snow for two', 'Hail in May'], 'added');
  },
  async back(t) {
    await t.click(t.find('#unread'));
    const now = titles(t);
    const show = { expected: [...all, 'Hail in May'], actual: now };
    if (now.length === 2) t.fail('gone', show);
    t.equal(now, show.expected);
    t.equal(ticks(t), [true, true, false, false], 'ticks');
  },
};
