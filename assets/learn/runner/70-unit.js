// One run: the learner's code once, with the given values of one entry of the checks' `runs`, then the checks.
// The same in a worker and in a document of its own; both are made fresh for it and thrown away after it.
// Must never: trust a global after the learner's code ran, or say more than `say` (a port that no learner's code can reach).

/** `task`: { mode, code, checks, index, kept, limits, files: [{ name, pieces, edits }] }; `say(message)` tells the host. */
async function runUnit(task, say) {
  const world = { code: task.code, index: task.index, lines: [], logged: [], result: undefined, reloads: () => 0 };
  const state = { phase: null, ended: false, interrupt: null };
  const interrupted = new keep.Promise((_, reject) => { state.interrupt = reject; });
  keep.then(interrupted, undefined, () => {});
  const end = (message = {}) => {
    state.ended = true;
    say({ type: 'done', kept: cutStorage(world.storage?.() ?? {}), ...message });
  };

  const lesson = await loadChecks(task.checks);
  if (lesson.broken) return end({ broken: lesson.broken });
  const runs = keep.isArray(lesson.module.runs) && lesson.module.runs.length ? lesson.module.runs : [{}];
  const checks = lesson.module.checks ?? {}, keys = keep.names(checks), run = runs[task.index] ?? {};
  say({ type: 'plan', runs: runs.length, keys, given: givenTexts(run.given) });

  const write = lineWriter(world, state, say);
  const pending = watchTimers();
  Object.assign(world, installStubs(run, task.kept ?? {}, write, pending));
  setGlobal('console', makeConsole(write));
  world.given = deepCopy(run.given ?? {});
  for (const name of keep.names(run.given ?? {})) setGlobal(name, run.given[name]);
  watchErrors(state, say);
  if (typeof document !== 'undefined') watchForms(world, write);
  if (typeof document !== 'undefined' && !task.checkless) pretendFocus();
  installGuard(state, say);
  watchTotal(state, say, task.limits.total);

  const program = await link(task, world);
  const began = keep.now();
  say({ type: 'start' });
  try {
    await first(program.start(), interrupted);
    await first(rest(pending), interrupted);
  } catch (thrown) {
    return end({ ms: keep.now() - began, error: thrown?.known ?? importFault(thrown, task) });
  }
  if (state.stopped) return end({ ms: keep.now() - began });
  world.result = program.result;
  if (task.mode === 'console' && program.result !== undefined) write('result', bounded(valueParts(program.result, true)), null);

  const made = makeT(world);
  if (typeof document !== 'undefined') addPageActions(made.t, made.fail);
  if (task.checkless) return end({ ms: keep.now() - began });
  for (let i = 0; i < keys.length; i += 1) {
    state.phase = keys[i];
    say({ type: 'check', key: keys[i], state: 'start' });
    const found = await runCheck(checks[keys[i]], made, interrupted, task.limits.check);
    if (found?.failure.variant === 'late' && loopNow(state)) stopAtLoop(state, say, limitWords.loop);
    if (state.stopped) return end({ ms: keep.now() - began });
    if (found) {
      const message = { type: 'fail', key: keys[i], ...found.failure };
      if ('thrown' in found) {
        if (found.thrown?.known) message.error = found.thrown.known;
        else if (isLearners(found.thrown, lesson.url)) message.error = fault('runtime', found.thrown);
        else message.broken = cut(fault('runtime', found.thrown).name + ': ' + fault('runtime', found.thrown).message);
      }
      say(message);
      return end({ ms: keep.now() - began });
    }
    say({ type: 'check', key: keys[i], state: 'pass' });
  }
  state.phase = null;
  return end({ ms: keep.now() - began });
}

function setGlobal(name, value) {
  keep.define(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
}

function cutStorage(items) {
  return keep.stringify(items).length <= 100000 ? items : {};
}

function givenTexts(given) {
  const texts = {};
  for (const name of keep.names(given ?? {})) texts[name] = valueText(given[name]);
  return texts;
}

/** The checks as a module: `{ module, url }`, or `{ broken }` with words for the author. */
async function loadChecks(source) {
  if (!source) return { module: {}, url: '' };
  const url = keep.blobUrl(new keep.Blob([source], { type: 'text/javascript' }));
  try {
    return { module: await import(url), url };
  } catch (error) {
    return { broken: cut(`checks.js: ${error?.name}: ${error?.message}`) };
  } finally {
    keep.dropUrl(url);
  }
}

/** Waits until no timeout of the learner's waits any more, 2 seconds at most. */
async function rest(pending) {
  const until = keep.now() + 2000;
  await turn();
  await turn();
  while (pending.count > 0 && keep.now() < until) await turn(5);
}

/** Takes what the console writes: to the host while there is room, to `t.lines` and `t.logged` always (up to a limit). */
function lineWriter(world, state, say) {
  let count = 0;
  return (level, parts, values) => {
    count += 1;
    if (count > lineLimits.kept) {
      if (!state.stopped && !state.ended) stopUnit(state, say, limitFault('output-limit', limitWords.output(lineHere()), lineHere()));
      return;
    }
    const text = partsText(parts);
    if (level !== 'result') {
      add(world.lines, { level, text });
      add(world.logged, values ?? [text]);
    }
    if (count > lineLimits.shown) {
      if (count === lineLimits.shown + 1) say({ type: 'log', lines: [{ level: 'info', parts: [part('plain', '… more lines are not shown')], line: null, check: state.phase }] });
      return;
    }
    say({ type: 'log', lines: [{ level, parts, line: level === 'result' ? null : lineHere(), check: state.phase, later: state.ended }] });
  };
}

function lineHere() {
  return placeIn(new keep.Error('here').stack)?.line ?? null;
}

/** Ends a unit that must not go on. In a worker nothing runs after this: the host ends it; in a document the code gets an error. */
function stopUnit(state, say, error) {
  state.stopped = true;
  say({ type: 'stop', error });
  if (typeof document === 'undefined') for (;;);
  throw state.limit = new keep.Error(error.message);
}

/** The function that each loop asks before each round: 1.5 seconds in one turn of the event loop are enough. */
function installGuard(state, say) {
  let count = 0, began = 0, armed = false;
  const channel = new keep.MessageChannel();
  channel.port1.onmessage = () => { armed = false; };
  const check = (line) => {
    if (state.stopped && !state.ended) throw new keep.Error('stopped');
    if (armed && (count = (count + 1) & 15) !== 0) return false;
    if (!armed) {
      armed = true;
      began = keep.now();
      state.loop = { line, at: began };
      keep.post(channel.port2, 0);
      return false;
    }
    if (keep.now() - began < 1500) return false;
    began = keep.now() - 1400;
    stopUnit(state, say, limitFault('timeout', limitWords.loop(line), line));
    return false;
  };
  keep.define(globalThis, guardName, { value: check, writable: false, configurable: false, enumerable: false });
}

/** Ends a run that waits for ever. A loop that waits in each round never holds up the event loop; it can still be named. */
function watchTotal(state, say, ms) {
  keep.setTimeout(() => { if (!state.ended && !state.stopped) stopAtLoop(state, say, limitWords.total); }, ms);
}
const loopNow = (state) => (state.loop && keep.now() - state.loop.at < 100 ? state.loop.line : null);
function stopAtLoop(state, say, words) {
  const line = loopNow(state);
  try {
    stopUnit(state, say, limitFault('timeout', words(line), line));
  } catch { /* said */ }
}

/** Errors that nobody caught, and rejections that nobody handled, end the run; after it they are lines of the console. */
function watchErrors(state, say) {
  const take = (known) => {
    if (state.stopped && !state.ended) return;
    if (state.ended) say({ type: 'log', lines: [{ level: 'error', parts: [part('error', cut(`${known.name ? `${known.name}: ` : ''}${known.message}`))], line: known.line, check: null, later: true }] });
    else state.interrupt({ known });
  };
  keep.listen('error', (event) => {
    event.preventDefault();
    if (state.limit && event.error === state.limit) return;
    const place = placeIn(`${event.filename}:${event.lineno}:${event.colno}`);
    take(event.error ? fault('runtime', event.error, place) : event.message ? faultOf('runtime', 'Error', event.message, place) : fault('runtime', event.error, place));
  });
  keep.listen('unhandledrejection', (event) => {
    event.preventDefault();
    if (!state.limit || event.reason !== state.limit) take(fault('promise', event.reason));
  });
}

/** A form that is really sent would load the page anew: here it is stopped, counted and said. */
function watchForms(world, write) {
  let count = 0;
  world.reloads = () => count;
  keep.listen('submit', (event) => {
    if (event.defaultPrevented) return;
    event.preventDefault();
    count += 1;
    write('warn', [part('plain', 'The form was sent, so a real page would load anew here. `event.preventDefault()` stops that.')], ['The form was sent.']);
  });
}
