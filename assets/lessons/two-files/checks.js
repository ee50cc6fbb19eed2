export const runs = [
  { given: { title: 'Rain in Oslo' } },
  { given: { title: 'The Blue Hour' } },
];

const wanted = (text) => text.toLowerCase().replaceAll(' ', '-');

export const checks = {
  async exported(t) {
    t.ok(/^\/\/\/\/\s*(\.\/)?text\.js\s*$/m.test(t.code), 'file');
    const text = await t.import('./text.js');
    if (text.slug === undefined && text.default !== undefined) t.fail('default');
    t.ok(typeof text.slug === 'function', 'missing');
    t.equal(text.slug('Fog Over Lima'), 'fog-over-lima', 'broken');
  },
  async imported(t) {
    const main = t.code.split(/^\/\/\/\/\s/m)[0];
    t.ok(/\bfrom\s*["']\.\/text\.js["']|\bimport\s*\(\s*["']\.\/text\.js["']/.test(main), 'missing');
    const text = await t.import('./text.js');
    if (t.has('slug')) t.ok(t.value('slug') === text.slug, 'copy');
  },
  address(t) {
    const address = t.value('address');
    t.equal(address, wanted(t.given.title));
  },
};
