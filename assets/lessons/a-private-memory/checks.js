const isGlobal = (name) => {
  const own = Object.getOwnPropertyDescriptor(globalThis, name);
  return own !== undefined && own.enumerable && 'value' in own && typeof own.value !== 'function';
};

export const checks = {
  maker(t) {
    const makeCounter = t.value('makeCounter');
    t.ok(typeof makeCounter === 'function', 'kind');
    const counter = makeCounter();
    if (counter === undefined) t.fail('nothing');
    t.ok(typeof counter === 'function', 'other');
  },
  counts(t) {
    const counter = t.value('makeCounter')();
    const counted = [counter(), counter(), counter()];
    const is = (...wanted) => wanted.every((n, i) => counted[i] === n);
    if (is(1, 2, 3)) return;
    const values = { expected: '1, 2, 3', actual: counted.join(', ') };
    if (counted[0] === undefined) t.fail('nothing');
    if (is(1, 1, 1) || is(0, 0, 0)) t.fail('restarts', values);
    if (is(0, 1, 2)) t.fail('zero', values);
    if (counted[0] > 1 && is(counted[0], counted[0] + 1, counted[0] + 2)) {
      t.fail(t.value('makeCounter')()() === counted[0] ? 'start' : 'shared', values);
    }
    t.fail('other', values);
  },
  own(t) {
    const makeCounter = t.value('makeCounter');
    const first = makeCounter();
    first();
    first();
    const second = makeCounter();
    t.equal(second(), 1, 'second');
    t.equal(first(), 3, 'first');
  },
  hidden(t) {
    // A name that stands in the code and is a plain value of the whole program now was put there by the code.
    const names = new Set(t.bare.match(/[\p{L}_$][\p{L}\p{N}_$]*/gu));
    t.ok(![...names].some(isGlobal), 'global');
  },
};
