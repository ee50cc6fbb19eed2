const week = ['sun', 'rain', 'fog', 'snow'];
const rain = [12, 3, 0, 8];

export const checks = {
  array(t) {
    const ends = t.value('ends');
    t.ok(typeof ends === 'function', 'missing');
    const result = ends([...week]);
    t.ok(result !== undefined, 'nothing');
    if (!Array.isArray(result)) t.fail('kind', { expected: ['sun', 'snow'], actual: result });
    if (result.length !== 2) t.fail('size', { expected: ['sun', 'snow'], actual: result });
  },
  right(t) {
    const ends = t.value('ends');
    const [one, two] = [ends([...week]), ends([...rain])];
    if (String(one) === 'rain,fog' || String(one) === 'rain,snow') t.fail('counted', { expected: ['sun', 'snow'], actual: one });
    if (String(one) === 'snow,sun') t.fail('turned', { expected: ['sun', 'snow'], actual: one });
    if (/\bat\s*\[/.test(t.bare)) t.fail('round', { expected: ['sun', 'snow'], actual: one });
    if (String(one).includes('list')) t.fail('quoted', { expected: ['sun', 'snow'], actual: one });
    if (String(one) === 'sun,snow' && String(two) === 'sun,snow') t.fail('fixed', { expected: [12, 8], actual: two });
    if (one[1] === undefined && /\[\s*-\s*1\s*\]/.test(t.code)) t.fail('backwards', { expected: ['sun', 'snow'], actual: one });
    if (one[0] === 'sun' && one[1] === undefined) t.fail('beyond', { expected: ['sun', 'snow'], actual: one });
    t.equal(one, ['sun', 'snow']);
    t.equal(two, [12, 8]);
    t.equal(ends(['fog', 'fog', 'sun']), ['fog', 'sun'], 'fixed');
  },
  same(t) {
    const list = [...week];
    t.value('ends')(list);
    t.equal(list, week, 'changed');
  },
  one(t) {
    t.equal(t.value('ends')(['hail']), ['hail', 'hail']);
  },
};
