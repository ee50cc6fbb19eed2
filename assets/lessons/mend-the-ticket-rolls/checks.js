export const checks = {
  one(t) {
    const makeRoll = t.value('makeRoll');
    t.ok(typeof makeRoll === 'function', 'missing');
    const roll = makeRoll(5);
    t.ok(typeof roll === 'function', 'kind');
    const said = [roll(), roll(), roll()];
    const values = { expected: [4, 3, 2], actual: said };
    if (said[0] === undefined) t.fail('nothing', values);
    if (said[0] === 5 && said[1] === 5) t.fail('stored', values);
    if (said[0] === said[1]) t.fail('stuck', values);
    t.equal(said, [4, 3, 2]);
  },
  own(t) {
    const makeRoll = t.value('makeRoll');
    const [adults, children] = [makeRoll(10), makeRoll(3)];
    t.equal([adults(), children(), adults()], [9, 2, 8], 'shared');
  },
};
