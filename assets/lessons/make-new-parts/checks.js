export const runs = [
  { given: { titles: ['Dune', 'Emma', 'Ulysses'] } },
  { given: { titles: ['Beowulf', 'Why <b> is bold'] } },
  { given: { titles: [] } },
];

export const checks = {
  items(t) {
    const [list] = t.all('#list');
    if (!list) t.fail('gone');
    const { titles } = t.given;
    const items = [...list.children];
    const show = { expected: titles.length, actual: items.length };
    if (items.length === 0 && titles.length > 0) {
      if (t.all('li').length > 0) t.fail('outside');
      if (t.text(list) !== '') t.fail('text');
      t.fail('none', show);
    }
    if (items.some((item) => item.tagName !== 'LI')) t.fail('kind');
    if (items.length === 1 && titles.length > 1) t.fail('one', show);
    t.equal(items.length, titles.length);
  },
  texts(t) {
    const items = [...t.find('#list').children];
    const shown = items.map((item) => item.textContent.trim());
    const { titles } = t.given;
    const show = { expected: titles, actual: shown };
    if (titles.length > 0 && shown.every((text) => text === '')) t.fail('empty', show);
    if (titles.some((title) => title.includes('<')) && items.some((item) => item.querySelector('b'))) t.fail('html', show);
    if (titles.length > 1 && shown.join() === titles.toReversed().join()) t.fail('turned', show);
    t.equal(shown, titles);
  },
};
