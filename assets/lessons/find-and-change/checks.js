export const runs = [
  { given: { title: 'Rain in Oslo' } },
  { given: { title: 'Fog over Lima' } },
  { given: { title: 'Is <b> for big?' } },
];

const others = [
  ['P', 'The Daily Sky'],
  ['H1', ''],
  ['P', 'Read by people who own umbrellas.'],
  ['H2', 'Tomorrow'],
  ['P', 'Much the same.'],
];

export const checks = {
  heading(t) {
    const [heading] = t.all('h1');
    if (!heading) t.fail('gone');
    const shown = heading.textContent;
    const show = { expected: t.given.title, actual: shown };
    if (shown === 'No title yet') {
      const elsewhere = t.all('main > :not(h1)').some((element) => element.textContent.includes(t.given.title));
      t.fail(elsewhere ? 'elsewhere' : 'untouched', show);
    }
    if (shown === 'title') t.fail('quoted', show);
    if (t.given.title.includes('<') && shown !== t.given.title) t.fail('html', show);
    t.equal(shown.trim(), t.given.title);
  },
  rest(t) {
    const now = t.all('main > *').map((element) => [element.tagName, element.tagName === 'H1' ? '' : t.text(element)]);
    t.equal(now, others, 'changed');
    t.ok(t.find('h1').id === 'heading', 'changed');
  },
};
