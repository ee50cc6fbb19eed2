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

const rain = 'https://example.org/rain';
const fog = 'https://example.org/fog';

export const checks = {
  async added(t) {
    await add(t, 'All about rain', rain);
    t.ok(t.reloads === 0, 'reload');
    const now = items(t);
    if (now.length === 0) t.fail(t.text(t.find('#list')) === '' ? 'none' : 'text');
    if (t.text(now[0]) === '') t.fail(now[0].querySelector('a') ? 'untitled' : 'empty');
    if (!now[0].querySelector('a')) t.fail('plain');
    const shown = t.text(now[0].querySelector('a'));
    if (shown.startsWith('[object')) t.fail('field', { expected: 'All about rain', actual: shown });
    if (shown === rain) t.fail('address', { expected: 'All about rain', actual: shown });
    t.equal(shown, 'All about rain');
  },
  address(t) {
    const anchor = items(t)[0].querySelector('a');
    const href = anchor.getAttribute('href');
    if (href === null) t.fail('none');
    if (href.startsWith('[object')) t.fail('field', { expected: rain, actual: href });
    if (href === 'undefined') t.fail('name', { expected: rain, actual: href });
    t.equal(href.trim(), rain);
  },
  async second(t) {
    await add(t, '  A walk in the fog ', fog);
    const shown = items(t).map((item) => t.text(item));
    const show = { expected: ['All about rain', 'A walk in the fog'], actual: shown };
    if (shown.length === 3) t.fail('doubled', show);
    if (shown.length === 1) t.fail('replaced', show);
    if (shown[0] === 'A walk in the fog') t.fail('turned', show);
    t.equal(shown, show.expected);
    const anchors = items(t).map((item) => item.querySelector('a')?.getAttribute('href')?.trim());
    t.equal(anchors, [rain, fog]);
  },
  async blank(t) {
    await add(t, '   ', 'https://example.org/nothing');
    t.equal(items(t).length, 2, 'added');
  },
  async ready(t) {
    await add(t, 'Snow for two', 'https://example.org/snow');
    t.equal([t.find('#title').value, t.find('#address').value], ['', '']);
  },
};
