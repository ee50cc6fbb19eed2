const now = () => performance.now();

export const checks = {
  promise(t) {
    const wait = t.value('wait');
    t.ok(typeof wait === 'function', 'missing');
    const start = now();
    const result = wait(1000, 'soup');
    if (now() - start > 800) t.fail('blocked');
    if (result === undefined) t.fail('nothing');
    if (result === 'soup') t.fail('value');
    if (typeof result === 'number') t.fail('number');
    t.ok(result !== null && typeof result.then === 'function', 'kind');
  },
  async value(t) {
    const wait = t.value('wait');
    const late = {};
    const first = await Promise.race([wait(10, 'soup'), t.wait(500).then(() => late)]);
    if (first === late) t.fail('late');
    if (first === undefined) t.fail('undefined', { expected: 'soup', actual: first });
    t.equal(first, 'soup');
    t.equal(await wait(5, 42), 42, 'fixed');
  },
  async time(t) {
    const wait = t.value('wait');
    const start = now();
    await wait(120, 'tea');
    if (now() - start < 110) t.fail('early');
    const slow = {};
    const winner = await Promise.race([wait(20, 'tea'), t.wait(700).then(() => slow)]);
    if (winner === slow) t.fail('slow');
  },
};
