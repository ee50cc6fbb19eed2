// What the checks of a lesson see as `t` (every lesson), and how one check's failure is recorded.
// Must never: let a check pass whose failure was caught by somebody on the way (the first failure is kept).

/** Thrown by `t` to end a check; the record of it is kept beside. */
class CheckFailure { constructor() { this.ended = true; } }

const standardWords = {
  missing: (name) => `There is no \`${name}\` yet.`,
  inside: insideWords,
  late: 'There is no answer after 2 seconds.',
  find: (selector) => `The page has nothing that matches \`${selector}\`.`,
};

/** `t` for one run. `world`: code, given, index, lines, logged, result, probe(name, value?), module, load(name), fetched, storage, reloads. */
function makeT(world) {
  const record = { failure: null };

  function fail(variant, { expected, actual, sentence } = {}, shows = false) {
    record.failure ??= {
      variant: variant ?? null, sentence: sentence ?? null,
      expected: shows ? valueText(expected) : null, actual: shows ? valueText(actual) : null,
    };
    throw new CheckFailure();
  }
  const compare = (same) => (actual, expected, variant) => { if (!same(actual, expected)) fail(variant, { expected, actual }, true); };
  const read = (name) => {
    const why = world.has(name) ? null : madeInside(world.code, name) ? 'inside' : 'missing';
    if (why) fail(why, { sentence: standardWords[why](name, world.code) });
    return world.get(name);
  };

  const t = {
    run: world.index, given: world.given, code: world.code, bare: bareCode(world.code), result: world.result,
    get lines() { return world.lines.map(({ text }) => text); },
    get logged() { return world.logged.slice(); },
    get module() { return world.exports(); },
    get fetched() { return world.fetched.slice(); },
    get storage() { return world.storage(); },
    get reloads() { return world.reloads(); },
    import: (name) => world.load(name),
    has: (name) => world.has(name),
    value: read,
    set(name, value) {
      read(name);
      world.set(name, value);
    },
    equal: compare(sameValue),
    same: compare(keep.is),
    near: compare((a, b) => typeof a === 'number' && typeof b === 'number' && (a === b || Math.abs(a - b) <= 1e-9 * Math.max(1, Math.abs(a), Math.abs(b)))),
    ok(condition, variant) { if (!condition) fail(variant); },
    fail(variant, values) { fail(variant, values, !!values); },
    frozen: (value) => deepFreeze(deepCopy(value)),
    spy(fn) {
      const calls = [];
      function spy(...values) {
        add(calls, values);
        return fn ? keep.apply(fn, this, values) : undefined;
      }
      spy.calls = calls;
      return spy;
    },
    async throws(fn, variant) {
      try {
        await (typeof fn === 'function' ? fn() : fn);
      } catch (thrown) {
        if (thrown instanceof CheckFailure) throw thrown;
        return thrown;
      }
      return fail(variant);
    },
    wait: (ms = 0) => turn(ms),
    async until(condition, variant) {
      for (const end = keep.now() + 1000; ;) {
        if (await condition()) return;
        if (keep.now() > end) fail(variant);
        await turn(10);
      }
    },
  };
  return { t, record, fail };
}

/** Runs one check to its end or its limit: null when it passed, else `{ failure, thrown? }`. */
async function runCheck(check, made, interrupted, limit) {
  made.record.failure = null;
  let timer;
  const waited = new keep.Promise((_, reject) => {
    timer = keep.setTimeout(() => {
      made.record.failure ??= { variant: 'late', sentence: standardWords.late, expected: null, actual: null };
      reject(new CheckFailure());
    }, limit);
  });
  try {
    // Always a promise of our own, so that a check that throws at once and one that rejects look the same.
    await first(first((async () => check(made.t))(), waited), interrupted);
    await first(turn(), interrupted);
  } catch (thrown) {
    if (!made.record.failure) return { failure: { variant: null, sentence: null, expected: null, actual: null }, thrown };
  } finally {
    keep.clearTimeout(timer);
  }
  return made.record.failure && { failure: made.record.failure };
}
