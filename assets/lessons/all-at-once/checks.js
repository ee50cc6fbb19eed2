const words = (name) => `about ${name}`;

export const checks = {
  async values(t) {
    const loadAll = t.value('loadAll');
    t.ok(typeof loadAll === 'function', 'missing');
    const waits = { rain: 30, fog: 5, snow: 15 };
    const load = async (name) => {
      await t.wait(waits[name]);
      return words(name);
    };
    const names = Object.keys(waits);
    const wanted = names.map(words);
    const values = await loadAll(names, load);
    if (Array.isArray(values) && values.some((one) => one instanceof Promise)) t.fail('promises');
    const isTurned = Array.isArray(values) && values.length === 3 && wanted.every((one) => values.includes(one));
    t.equal(values, wanted, isTurned ? 'order' : 'other');
    t.equal(await loadAll(['hail'], async () => 7), [7], 'other');
  },
  async together(t) {
    let now = 0;
    let most = 0;
    const load = async (name) => {
      now += 1;
      most = Math.max(most, now);
      await t.wait(20);
      now -= 1;
      return name;
    };
    await t.value('loadAll')(['a', 'b', 'c', 'd'], load);
    t.ok(most === 4, 'one');
  },
  async error(t) {
    const load = async (name) => {
      await t.wait(5);
      if (name === 'fog') throw new Error('no fog');
      return name;
    };
    await t.throws(() => t.value('loadAll')(['rain', 'fog'], load));
  },
};
