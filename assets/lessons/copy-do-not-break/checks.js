const rain = () => ({ title: 'Rain in Oslo', votes: 4, tags: ['weather'] });
const blue = () => ({ title: 'Blue', singer: 'Joni', tags: ['calm', 'late'] });

export const checks = {
  post(t) {
    const withTag = t.value('withTag');
    t.ok(typeof withTag === 'function', 'missing');
    const result = withTag(rain(), 'city');
    t.ok(result !== undefined, 'nothing');
    if (Array.isArray(result)) t.fail('list', { actual: result, expected: { ...rain(), tags: ['weather', 'city'] } });
    if (typeof result !== 'object' || result === null) t.fail('kind', { actual: result, expected: { ...rain(), tags: ['weather', 'city'] } });
  },
  added(t) {
    const withTag = t.value('withTag');
    const { tags } = withTag(rain(), 'city');
    const show = { expected: ['weather', 'city'], actual: tags };
    if (typeof tags === 'number') t.fail('number', show);
    if (tags === 'city' || (Array.isArray(tags) && tags.length === 1 && tags[0] === 'city')) t.fail('lost', show);
    if (Array.isArray(tags) && tags.length === 1 && tags[0] === 'weather') t.fail('none', show);
    if (Array.isArray(tags) && Array.isArray(tags[0])) t.fail('nested', show);
    if (Array.isArray(tags) && tags.length === 2 && tags[0] === 'city') t.fail('front', show);
    t.equal(tags, ['weather', 'city']);
    t.equal(withTag(blue(), 'night').tags, ['calm', 'late', 'night'], 'fixed');
  },
  kept(t) {
    const withTag = t.value('withTag');
    const one = withTag(rain(), 'city');
    const two = withTag(blue(), 'night');
    t.equal(one, { title: 'Rain in Oslo', votes: 4, tags: ['weather', 'city'] });
    t.equal(two, { title: 'Blue', singer: 'Joni', tags: ['calm', 'late', 'night'] }, 'other');
  },
  unchanged(t) {
    const withTag = t.value('withTag');
    const post = rain();
    const result = withTag(post, 'city');
    if (result === post) t.fail('itself', { expected: rain(), actual: post });
    t.equal(post, rain(), 'changed');
    const frozen = t.frozen(blue());
    t.equal(withTag(frozen, 'night').tags, ['calm', 'late', 'night']);
    t.equal(frozen, blue(), 'changed');
  },
};
