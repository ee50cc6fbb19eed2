/** Two steps that write down when they begin and end. */
function kitchen(t, water = 'hot water', tea = 'green tea') {
  const events = [];
  const step = (name, result) => t.spy(async () => {
    events.push(`${name} begins`);
    await t.wait(15);
    events.push(`${name} is done`);
    return result;
  });
  return { events, boil: step('boil', water), pour: step('pour', tea) };
}

export const checks = {
  async promise(t) {
    const brew = t.value('brew');
    t.ok(typeof brew === 'function', 'missing');
    const { boil, pour } = kitchen(t);
    const result = brew(boil, pour);
    t.ok(result !== null && typeof result === 'object' && typeof result.then === 'function', 'kind');
    await result;
  },
  async order(t) {
    const { boil, pour, events } = kitchen(t);
    await t.value('brew')(boil, pour);
    const last = events.at(-1);
    await t.wait(60);
    if (boil.calls.length === 0) t.fail('boil');
    if (pour.calls.length === 0) t.fail('pour');
    if (boil.calls.length > 1 || pour.calls.length > 1) t.fail('twice');
    t.equal(events, ['boil begins', 'boil is done', 'pour begins', 'pour is done'], 'early');
    t.ok(last === 'pour is done', 'loose');
  },
  async handed(t) {
    const { boil, pour } = kitchen(t, 'warm water');
    await t.value('brew')(boil, pour);
    const [got] = pour.calls[0];
    if (got === undefined) t.fail('nothing', { expected: 'warm water', actual: got });
    if (typeof got === 'function') t.fail('step');
    t.equal(got, 'warm water');
  },
  async result(t) {
    const one = kitchen(t, 'hot water', 'black tea');
    const tea = await t.value('brew')(one.boil, one.pour);
    const show = { expected: 'black tea', actual: tea };
    if (tea === undefined) t.fail('nothing', show);
    if (tea === 'hot water') t.fail('water', show);
    t.equal(tea, 'black tea');
  },
  async error(t) {
    const brew = t.value('brew');
    const cold = new Error('The stove is cold');
    const pour = t.spy(async () => 'tea');
    const first = await t.throws(() => brew(async () => { throw cold; }, pour), 'swallowed');
    t.ok(first === cold, 'other');
    t.ok(pour.calls.length === 0, 'poured');
    const dry = new Error('The pot is broken');
    const second = await t.throws(() => brew(async () => 'water', async () => { throw dry; }), 'swallowed');
    t.ok(second === dry, 'other');
  },
};
