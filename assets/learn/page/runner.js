// The page's side of the runner: makes the sandboxed frames, gives them tasks, and makes one outcome of what they say.
// Must never: give a frame more than `allow-scripts allow-forms`, believe a message beyond its shape and size, or put a text into
// the page as anything but text (it hands out strings; who shows them uses textContent).
//
// learn.runner({ url, host, visible }) -> { run({ lesson, code, onLog }), stop() }: see the contract in each function.
learn.runner = (() => {
  // Milliseconds; `patience` multiplies those of a run (a busy test machine).
  const wait = { load: 20000, hello: 3000, beat: 3000, unit: 6000 };
  const size = { text: 2000, lines: 220, parts: 3000, messages: 600, burst: 20, kept: 110000, lowest: 288, tallest: 640 };
  const levels = ['log', 'info', 'warn', 'error', 'alert', 'result'], kinds = ['string', 'number', 'keyword', 'plain', 'key', 'error'];
  const faults = ['syntax', 'runtime', 'promise', 'timeout', 'output-limit'];
  const frames = new Map();
  let run = 0, noWorker = false;

  const text = (value) => (typeof value === 'string' && value.length <= size.text ? value : null);
  const count = (value) => (Number.isInteger(value) && value > 0 && value < 1e7 ? value : null);

  /** A line as it may be shown, or null. */
  function cleanLine(line) {
    if (typeof line !== 'object' || line === null || !levels.includes(line.level) || !Array.isArray(line.parts) || line.parts.length > size.parts) return null;
    const parts = [];
    let length = 0;
    for (const part of line.parts) {
      const s = text(part?.s);
      if (s === null || !kinds.includes(part.k) || (length += s.length) > size.text * 2) return null;
      parts.push({ k: part.k, s });
    }
    return { level: line.level, parts, line: count(line.line), check: text(line.check), later: line.later === true };
  }
  function cleanError(error) {
    if (typeof error !== 'object' || error === null || !faults.includes(error.kind) || text(error.message) === null) return null;
    return { kind: error.kind, name: text(error.name) ?? '', message: error.message, line: count(error.line), col: count(error.col), friendly: text(error.friendly) };
  }
  function cleanTexts(object, total) {
    const clean = {};
    if (typeof object !== 'object' || object === null) return clean;
    for (const [key, value] of Object.entries(object).slice(0, 200)) {
      if (typeof value === 'string' && (total -= key.length + value.length) >= 0) clean[key] = value;
    }
    return clean;
  }

  /** A frame that has loaded; rejects when it does not. Unseen frames keep a size, so that their pages lay out and take focus. */
  function makeFrame(url, host, visible) {
    const frame = document.createElement('iframe');
    frame.setAttribute('sandbox', 'allow-scripts allow-forms');
    frame.setAttribute('allow', '');
    frame.referrerPolicy = 'no-referrer';
    frame.title = 'Code runner';
    quiet.add(frame);
    hold();
    if (!visible) {
      frame.tabIndex = -1;
      frame.setAttribute('aria-hidden', 'true');
      Object.assign(frame.style, { position: 'fixed', top: '0', left: '0', width: '600px', height: '400px', border: '0', opacity: '0', pointerEvents: 'none', zIndex: '-1', clipPath: 'inset(50%)' });
    }
    const loaded = new Promise((resolve, reject) => {
      const give = () => reject(new Error('The runner did not load.'));
      const timer = setTimeout(give, wait.load);
      frames.set(frame, give);
      frame.addEventListener('load', () => {
        clearTimeout(timer);
        resolve(frame);
      }, { once: true });
    });
    loaded.catch(() => drop(frame));
    frame.src = url;
    (visible ? host : document.body).append(frame);
    return { frame, loaded };
  }
  function drop(frame) {
    frames.get(frame)?.();
    frames.delete(frame);
    frame.remove();
  }
  // Code that calls `focus()` takes the focus from the page. Until a person can be meant by it, it goes back to where it was.
  const quiet = new WeakSet();
  let holder = null;
  const hold = () => { if (!quiet.has(document.activeElement)) holder = document.activeElement; };
  addEventListener('blur', () => setTimeout(() => { if (quiet.has(document.activeElement)) holder?.focus({ preventScroll: true }); }));
  // All frames of the site share one process: while one of them hangs no other loads, so all go.
  function dropAll() {
    for (const frame of [...frames.keys()]) drop(frame);
  }

  /** Gives a frame one task and reads its port: `take(message)` gets each message that may be believed; `lost(why)` when it fell silent. */
  function converse(frame, task, take, lost) {
    const channel = new MessageChannel(), port = channel.port1;
    let over = false, started = false, messages = 0, burst = 0, lines = 0, heard = performance.now(), ticked = heard, hello = false, done = false, began = heard;
    const patience = task.patience ?? 1;
    const end = (tell = false) => {
      if (over) return;
      over = true;
      clearInterval(timer);
      if (tell) port.postMessage('stop');
      port.close();
    };
    const fail = (why) => { end(); lost(why); };
    // What never starts has run nothing of the learner's: browsers forget to load a module now and then. It is tried once more.
    // A tab in the background is not judged: its timers and those of the frame are slowed.
    const timer = setInterval(() => {
      const now = performance.now();
      burst = 0;
      if (document.hidden || now - ticked > 1500) heard = began = now;
      ticked = now;
      if (!hello && now - began > wait.hello * patience) fail('hello');
      else if (task.place === 'document' && hello && now - heard > wait.beat * patience) fail('beat');
      else if (!done && now - began > (started ? wait.unit : wait.unit + 4000) * patience) fail(started ? 'time' : 'hello');
    }, 100);
    port.onmessage = ({ data }) => {
      if (over || typeof data !== 'object' || data === null) return;
      heard = performance.now();
      if (data.type === 'beat') return;
      messages += 1;
      burst += 1;
      if (messages > size.messages && !done) return fail('flood');
      if (data.type === 'hello') [hello, began] = [true, heard];
      else if (data.type === 'log') {
        if (burst > size.burst || !Array.isArray(data.lines)) return;
        for (const raw of data.lines.slice(0, size.lines)) {
          const line = (lines += 1) <= size.lines && cleanLine(raw);
          if (line) take({ type: 'log', line });
        }
      } else {
        if (data.type === 'done' || data.type === 'stop') done = true;
        if (data.type === 'start') [started, began] = [true, heard];
        take(data);
      }
    };
    frame.contentWindow.postMessage({ v: 1, ...task }, '*', [channel.port2]);
    return end;
  }

  return ({ url, host = document.body, visible = false, patience = 1 }) => {
    let current = null, worker = null, view = null;

    /** The frame of the workers, kept between runs; documents get one of their own each. */
    async function frameFor(place) {
      if (place === 'document') return makeFrame(url, host, false).loaded;
      if (!worker || !frames.has(worker.frame)) worker = makeFrame(url, host, false);
      return worker.loaded;
    }

    /** One unit (one entry of `runs`): what its frame said, as `{ plan, lines, passed, fail, error, stopped, done, lost }`. */
    async function unit(job, task, onLog) {
      const found = { plan: null, lines: [], passed: [], fail: null, error: null, stopped: false, done: null, lost: null, ms: 0 };
      let frame;
      try {
        frame = await frameFor(task.place);
      } catch {
        return { ...found, lost: 'hello' };
      }
      if (job.over) {
        if (task.place === 'document') drop(frame);
        return { ...found, lost: 'superseded' };
      }
      await new Promise((resolve) => {
        const end = converse(frame, task, (message) => {
          if (message.type === 'plan') found.plan = message;
          else if (message.type === 'start') found.began = performance.now();
          else if (message.type === 'log') {
            found.lines.push(message.line);
            if (message.line.check === null) onLog?.(message.line);
          } else if (message.type === 'check' && message.state === 'pass') found.passed.push(message.key);
          else if (message.type === 'fail') found.fail = message;
          else if (message.type === 'no-worker') finish('no-worker');
          else if (message.type === 'stop') {
            found.stopped = true;
            found.error = cleanError(message.error);
            finish();
          } else if (message.type === 'done') {
            found.done = message;
            found.error = cleanError(message.error);
            finish();
          }
        }, finish);
        function finish(lost = null) {
          found.lost = lost;
          if (found.began) found.ms = performance.now() - found.began;
          end?.(true);
          job.end = null;
          if (lost && lost !== 'superseded' && lost !== 'no-worker') dropAll();
          else if (task.place === 'document') drop(frame);
          resolve();
        }
        job.end = () => finish('superseded');
      });
      return found;
    }

    /** The learner's page for the eye and the hand: the code once more, without checks. Lines that come later are told. */
    async function show(job, task, onLog) {
      const { frame, loaded } = makeFrame(url, host, true);
      frame.hidden = true;
      try {
        await loaded;
      } catch {
        return;
      }
      if (job.over) return drop(frame);
      let ready = false;
      const tell = (line) => { if (current === job) onLog?.(line); };
      const end = converse(frame, { ...task, checkless: true }, (message) => {
        if (message.type === 'log' && message.line.later) tell(message.line);
        if (message.type === 'size' && count(message.height)) frame.style.height = Math.min(size.tallest, Math.max(size.lowest, message.height)) + 'px';
        const error = message.type === 'stop' && cleanError(message.error);
        if (error && ready) tell({ ...wordsLine(error.message), line: error.line });
        if (ready || (message.type !== 'done' && message.type !== 'stop')) return;
        ready = true;
        setTimeout(() => quiet.delete(frame), 100);
      }, () => {
        dropAll();
        tell(wordsLine('The page did not answer any more and was closed. Your code is safe.'));
      });
      // The page before stays watched until it goes: while it hangs, no new frame would load.
      view?.end();
      if (view) drop(view.frame);
      view = { frame, end };
      frame.hidden = false;
    }
    const wordsLine = (s) => ({ level: 'error', parts: [{ k: 'error', s }], line: null, check: null, later: true });

    /** Runs the code of a lesson: all its runs in order, to the first failure. A newer run ends an older one. */
    async function start({ lesson, code, onLog }) {
      stop();
      hold();
      const job = current = { over: false, end: null };
      const keys = (lesson.sentences ?? []).map(([key]) => key).filter((key) => !key.includes('.'));
      const task = {
        run: (run += 1), id: lesson.id, mode: lesson.mode, code: String(code), patience, checks: lesson.checks ?? '', page: lesson.page ?? '', index: 0, kept: {},
        place: lesson.mode === 'document' || noWorker ? 'document' : 'worker',
      };
      const passed = new Map(keys.map((key) => [key, 0]));
      let ms = 0, lines = [], result = null, runs = 1;
      const outcome = (state, more = {}) => ({
        state, ms: Math.round(ms), failure: null, error: null, result, lines,
        checks: keys.map((key) => ({ key, state: key === more.failure?.key ? 'fail' : state === 'passed' || (passed.get(key) > 0 && passed.get(key) >= (more.unit ?? 0)) ? 'pass' : 'not-reached' })),
        ...more,
      });

      for (let again = 0; task.index < runs; task.index += 1) {
        const found = await unit(job, task, task.index === 0 ? onLog : null);
        if (job.over || found.lost === 'superseded') return outcome('superseded');
        if (found.lost === 'no-worker' || (found.lost === 'hello' && again < 1)) {
          if (found.lost === 'hello') again += 1;
          else [noWorker, task.place] = [true, 'document'];
          task.index -= 1;
          continue;
        }
        const own = found.lines.filter(({ check }) => check === null || check === found.fail?.key);
        const ending = found.lost || found.stopped || found.error || found.fail;
        if (task.index === 0 || ending) lines = own;
        if (found.lost) ms += found.ms;
        if (found.lost) return outcome(found.lost === 'hello' ? 'broken' : 'stopped', { unit: task.index + 1, error: lostError(found.lost) });
        for (const key of found.passed) if (passed.has(key)) passed.set(key, passed.get(key) + 1);
        ms += Number.isFinite(found.done?.ms) ? found.done.ms : found.ms;
        if (found.done?.broken) return outcome('broken', { unit: task.index + 1, error: { kind: 'runtime', name: '', message: text(found.done.broken) ?? 'The lesson is broken.', line: null, col: null, friendly: null } });
        const last = own.findLast(({ level }) => level === 'result');
        if (task.index === 0 && last) result = last.parts;
        if (found.stopped) return outcome('stopped', { unit: task.index + 1, error: found.error });
        if (task.place === 'document' && visible && lesson.mode === 'document' && ending) show(job, { ...task, index: 0, kept: {} }, onLog);
        if (found.fail) return outcome('failed', { unit: task.index + 1, failure: failureOf(lesson, found, task.index), error: cleanError(found.fail.error) });
        if (found.error) return outcome('error', { unit: task.index + 1, error: found.error });
        runs = Math.min(count(found.plan?.runs) ?? 1, 30);
        task.kept = cleanTexts(found.done?.kept, size.kept);
      }
      if (task.place === 'document' && visible && lesson.mode === 'document') show(job, { ...task, index: 0, kept: {} }, onLog);
      if (!task.checks) return outcome('ran');
      return outcome(keys.every((key) => passed.get(key) >= runs) ? 'passed' : 'broken');
    }
    function failureOf(lesson, { fail, plan }, index) {
      const known = new Set((lesson.sentences ?? []).map(([key]) => key));
      const variant = text(fail.variant), full = variant && `${fail.key}.${variant}`;
      return {
        key: text(fail.key), variant, sentence: full && known.has(full) ? null : text(fail.sentence),
        expected: text(fail.expected), actual: text(fail.actual), run: index, given: cleanTexts(plan?.given, 20000), broken: text(fail.broken),
      };
    }
    function lostError(why) {
      const message = why === 'hello' ? 'The runner did not start. Check the connection, then run again.' : 'Your code ran for too long without finishing, so it was stopped.';
      return { kind: 'timeout', name: '', message, line: null, col: null, friendly: null };
    }
    function stop() {
      if (!current) return;
      current.over = true;
      current.end?.();
      current = null;
    }
    /** Loads the frame before the first run, so that it starts at once. */
    function warm() {
      frameFor('worker').catch(() => {});
    }
    return { run: start, stop, warm };
  };
})();
