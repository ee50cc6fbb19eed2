export const runs = [
  {
    fetch: {
      '/books.json': { status: 200, json: ['Dune', 'Emma'] },
      '/more.json': { status: 200, json: ['Beowulf', 'Ulysses', 'Middlemarch'] },
      '/gone.json': { status: 404 },
      '/broken.json': { status: 503 },
    },
  },
];

export const checks = {
  async once(t) {
    const loadTitles = t.value('loadTitles');
    t.ok(typeof loadTitles === 'function', 'missing');
    const before = t.fetched.length;
    let thrown = null;
    try {
      await loadTitles('/more.json');
    } catch (error) {
      thrown = error ?? 'nothing';
    }
    const asked = t.fetched.slice(before);
    if (asked.length === 0) t.fail('none');
    if (asked.length > 1) t.fail('many', { expected: 1, actual: asked.length });
    t.ok(String(asked[0].url).endsWith('/more.json'), 'url');
    if (String(thrown?.message ?? thrown).includes('200')) t.fail('thrown');
    if (thrown instanceof TypeError && thrown.message.includes('json')) t.fail('await');
    if (thrown) throw thrown;
  },
  async list(t) {
    const loadTitles = t.value('loadTitles');
    const result = await loadTitles('/more.json');
    const show = { expected: ['Beowulf', 'Ulysses', 'Middlemarch'], actual: result };
    if (result === undefined) t.fail('nothing', show);
    if (result instanceof Response) t.fail('response', show);
    if (typeof result === 'function') t.fail('call', show);
    if (typeof result === 'string') t.fail('text', show);
    t.equal(result, ['Beowulf', 'Ulysses', 'Middlemarch']);
    t.equal(await loadTitles('/books.json'), ['Dune', 'Emma']);
  },
  async status(t) {
    const loadTitles = t.value('loadTitles');
    const error = await t.throws(() => loadTitles('/gone.json'), 'quiet');
    if (error instanceof SyntaxError) t.fail('json');
    const said = String(error?.message ?? error);
    const show = { expected: 'an error with 404 in its message', actual: said };
    if (said.includes('404') === false) t.fail('number', show);
    const other = await t.throws(() => loadTitles('/broken.json'), 'quiet');
    const saidThen = String(other?.message ?? other);
    if (saidThen.includes('503') === false) t.fail('fixed', { expected: 'an error with 503 in its message', actual: saidThen });
  },
};
