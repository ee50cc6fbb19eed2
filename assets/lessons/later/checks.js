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
    const both = Promise.all([wait(10, 'soup'), wait(5, 42)]);
    const delivered = await Promise.race([both, t.wait(1000).then(() => late)]);
    if (delivered === late) t.fail('late');
    const [first, second] = delivered;
    if (first === undefined) t.fail('undefined', { expected: 'soup', actual: first });
    t.equal(first, 'soup');
    t.equal(second, 42, 'fixed');
  },
  async time(t) {
    const wait = t.value('wait');
    const slow = {};
    const winner = await Promise.race([wait(20, 'tea'), t.wait(400).then(() => slow)]);
    if (winner === slow) t.fail('slow');
    const start = now();
    await wait(120, 'tea');
    if (now() - start < 110) t.fail('early');
  },
};
