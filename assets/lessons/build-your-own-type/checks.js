const make = (t) => {
  const Playlist = t.value('Playlist');
  return new Playlist();
};

export const checks = {
  class(t) {
    const Playlist = t.value('Playlist');
    t.ok(/^class\b/.test(String(Playlist)), 'kind');
    t.ok(typeof new Playlist().add === 'function', 'add');
  },
  counts(t) {
    const list = make(t);
    const start = list.length;
    if (typeof start === 'function') t.fail('method');
    if (start === undefined) t.fail('nothing', { expected: 0, actual: start });
    t.equal(start, 0, 'start');
    list.add('Blue');
    if (list.length === 0) t.fail('zero', { expected: 1, actual: 0 });
    t.equal(list.length, 1);
    list.add('Respect');
    list.add('Blue');
    t.equal(list.length, 3, 'fixed');
  },
  own(t) {
    const [one, two] = [make(t), make(t)];
    one.add('Blue');
    one.add('Respect');
    t.equal(two.length, 0, 'shared');
    two.add('Jolene');
    t.equal([one.length, two.length], [2, 1], 'shared');
  },
  chain(t) {
    const list = make(t);
    const result = list.add('Blue');
    if (result === undefined) t.fail('nothing');
    t.ok(result === list, 'other');
    t.equal(list.add('Respect').add('Jolene').length, 3);
  },
  private(t) {
    const list = make(t);
    list.add('Blue');
    for (const key of Reflect.ownKeys(list)) {
      if (Array.isArray(list[key]) || list[key] instanceof Set) t.fail('open');
    }
    try {
      list.length = 99;
    } catch {
      // A getter without a setter refuses: that is what we want.
    }
    t.ok(list.length === 1, 'length');
    t.ok(/\.\s*#songs\b/.test(t.code), 'unused');
  },
};
