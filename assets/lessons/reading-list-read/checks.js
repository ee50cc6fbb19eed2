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

async function three(t) {
  await add(t, 'All about rain');
  await add(t, 'A walk in the fog');
  await add(t, 'Snow for two');
}

export const checks = {
  async box(t) {
    await three(t);
    t.equal(items(t).length, 3, 'list');
    const boxes = items(t).map((item) => item.querySelectorAll('input[type=checkbox]').length);
    if (boxes.every((n) => n === 0)) t.fail(t.all('#list input').length > 0 ? 'type' : 'none');
    t.equal(boxes, [1, 1, 1]);
    t.equal(titles(t), ['All about rain', 'A walk in the fog', 'Snow for two'], 'list');
    t.equal(ticks(t), [false, false, false], 'ticked');
  },
  label(t) {
    for (const box of t.all('#list input[type=checkbox]')) t.ok(hasName(box), 'none');
  },
  async own(t) {
    await t.click(boxOf(t, 'A walk in the fog'));
    const now = ticks(t);
    if (String(now) === 'false,false,false') t.fail('undone', { expected: [false, true, false], actual: now });
    t.equal(now, [false, true, false]);
  },
  async kept(t) {
    await add(t, 'Hail in May');
    const now = ticks(t);
    const show = { expected: [false, true, false, false], actual: now };
    if (String(now) === 'false,false,false,false') t.fail('lost', show);
    if (String(now) === 'true,true,true,true') t.fail('all', show);
    t.equal(now, show.expected);
  },
  async back(t) {
    await t.click(boxOf(t, 'A walk in the fog'));
    await add(t, 'Thunder at night');
    t.equal(ticks(t), [false, false, false, false, false]);
  },
};
