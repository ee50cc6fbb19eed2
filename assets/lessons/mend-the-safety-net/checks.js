const later = (t, value) => async () => {
  await t.wait(5);
  return value;
};

export const checks = {
  async good(t) {
    const titles = t.value('titles');
    t.ok(typeof titles === 'function', 'missing');
    t.equal(await titles(later(t, ['Dune', 'Emma'])), ['Dune', 'Emma'], 'other');
    t.equal(await titles(async () => ['Ulysses']), ['Ulysses'], 'other');
  },
  async net(t) {
    const titles = t.value('titles');
    const failing = async () => {
      await t.wait(5);
      throw new Error('no connection');
    };
    let delivered;
    try {
      delivered = await titles(failing);
    } catch {
      t.fail('hole');
    }
    t.ok(delivered !== undefined, 'nothing');
    t.equal(delivered, []);
  },
};
