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

function hasName(box) {
  const words = [...(box.labels ?? [])].map((label) => label.textContent.trim()).join('');
  return words !== '' || Boolean(box.getAttribute('aria-label')?.trim()) || box.hasAttribute('aria-labelledby');
}

const starters = [
  { title: 'Clouds for beginners', address: 'https://example.org/clouds', read: false },
  { title: 'Why it rains', address: 'https://example.org/why', read: false },
];
const other = [{ title: 'The wind explained', address: 'https://example.org/wind', read: true }];
const mine = ['Clouds for beginners', 'Why it rains', 'Snow for two'];

export const runs = [
  { fetch: { '/starters.json': { status: 200, json: starters } } },
  { storage: 'kept', fetch: { '/starters.json': { status: 200, json: starters } } },
  { fetch: { '/starters.json': { status: 200, json: other } } },
  { fetch: { '/starters.json': { status: 404 } } },
  { fetch: { '/starters.json': { error: true } } },
  { storage: { links: '[{"title":"Clo' }, fetch: { '/starters.json': { status: 200, json: starters } } },
];
const [first, kept, second, gone, offline, damaged] = [0, 1, 2, 3, 4, 5];

/** Waits until the list shows `count` items, or a little while. */
async function settle(t, count) {
  for (let i = 0; i < 20 && items(t).length !== count; i += 1) await t.wait(10);
}

export const checks = {
  async starters(t) {
    if (t.run === first) {
      await settle(t, 2);
      const now = titles(t);
      const show = { expected: mine.slice(0, 2), actual: now };
      if (now.length === 0) t.fail(t.fetched.length === 0 ? 'unasked' : 'none', show);
      t.equal(now, show.expected);
    }
    if (t.run === second) {
      await settle(t, 1);
      t.equal(titles(t), ['The wind explained'], 'fixed');
      t.equal(ticks(t), [true], 'read');
    }
  },
  async kept(t) {
    if (t.run === first) {
      await add(t, 'Snow for two');
      t.equal(titles(t), mine, 'page');
      // The ticks are stored later: what is there now is of the adding. Text that is no JSON is told of after the reload.
      await t.until(() => Object.values(t.storage).some((text) => /Snow for two|\[object/.test(text)), 'unstored');
      await t.click(boxOf(t, 'Why it rains') ?? t.fail('box'));
    }
    if (t.run === kept) {
      await settle(t, 3);
      const now = titles(t);
      const show = { expected: mine, actual: now };
      if (now.length === 0) t.fail('nothing', show);
      if (now.length === 2) t.fail('starters', show);
      if (now.length > 3) t.fail('doubled', show);
      t.equal(now, mine);
      t.equal(ticks(t), [false, true, false], 'ticks');
    }
  },
  async empty(t) {
    if (t.run !== gone && t.run !== offline && t.run !== damaged) return;
    await t.wait(30);
    const before = titles(t);
    if (t.run !== damaged) t.equal(before, []);
    await add(t, 'Hail in May');
    t.equal(titles(t), [...before, 'Hail in May']);
  },
  async unread(t) {
    if (t.run !== kept) return;
    await t.click(t.find('#unread'));
    t.equal(titles(t), ['Clouds for beginners', 'Snow for two']);
    await t.click(t.find('#unread'));
  },
  labels(t) {
    for (const field of t.all('input')) t.ok(hasName(field), 'none');
  },
};
