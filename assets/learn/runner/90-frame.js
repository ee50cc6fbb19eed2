// The frame's own part: takes one task from the page, runs it in a fresh worker or in this document, and passes on what it says.
// Must never: listen to anybody but the page around it, or answer on anything but the port that came with the task.
// Not held: a document may try to leave its address. The site's own address then gets one GET without cookies; another host gets a
// connection that the browser opens before it refuses, without a request. Connections that a page only announces (preconnect,
// dns-prefetch) are under no policy either; `x-dns-prefetch-control` asks the browser not to look names up early.

// Milliseconds: a worker's first word, its silence, one run as a whole, one check. A task may ask for more patience (busy test machines).
const limitsFor = (patience = 1) => ({ hello: 4000 * patience, quiet: 2250 * patience, total: 5000, check: 2000 });

if (typeof document === 'undefined') workerMain();
else frameMain();

/** In the worker: the first message brings the task and the only port; then the ways out are taken away. */
function workerMain() {
  keep.listen('message', (event) => {
    const [port] = event.ports;
    remove(['postMessage', 'Worker', 'SharedWorker', 'importScripts', 'close', 'onmessage', 'BroadcastChannel', 'WebSocket', 'EventSource', 'XMLHttpRequest', 'WebTransport', 'indexedDB', 'caches']);
    const say = (message) => keep.post(port, message);
    say({ type: 'hello' });
    keep.setInterval(() => say({ type: 'beat' }), 250);
    runUnit(event.data, say).catch((error) => say({ type: 'done', broken: cut(error?.stack ?? error) }));
  }, { once: true });
}

function remove(names) {
  for (const name of names) for (let at = globalThis; at; at = Object.getPrototypeOf(at)) Reflect.deleteProperty(at, name);
}

function frameMain() {
  let busy = null;
  closeInline();
  // The policy of the frame (connect-src) does not hold these.
  remove(['RTCPeerConnection', 'webkitRTCPeerConnection', 'WebTransport']);
  addEventListener('message', async (event) => {
    const task = event.data, [port] = event.ports;
    if (event.source !== parent || task?.v !== 1 || !port || busy === 'document') return;
    busy?.();
    task.limits = limitsFor(task.patience);
    const say = batched(port);
    say({ type: 'hello' });
    let stopped = false;
    busy = task.place === 'document' ? 'document' : () => { stopped = true; };
    if (task.place !== 'document') port.onmessage = () => busy();
    const ready = await prepare(task);
    if (stopped) return;
    if (ready.error) say({ type: 'done', error: ready.error, runs: 1 });
    else if (task.place === 'document') inDocument({ ...task, ...ready }, say);
    else busy = inWorker({ ...task, ...ready }, say);
  });
}

/**
 * This script is the last inline one. A frame that learner's code makes (srcdoc) inherits the policies of this document, but has
 * globals of its own, RTCPeerConnection too; without inline scripts, handlers and javascript: addresses nothing in it can use them.
 * A blob: address of this document did not load in such a frame either (tests/browser/runner-safe.test.mjs).
 */
function closeInline() {
  const meta = document.createElement('meta');
  meta.httpEquiv = 'Content-Security-Policy';
  meta.content = "script-src 'unsafe-eval' blob:";
  document.head.append(meta);
}

function inDocument(task, say) {
  document.body.innerHTML = task.page ?? '';
  const measure = task.checkless ? sizeTeller(say) : () => {};
  keep.setInterval(() => { say({ type: 'beat' }); measure(); }, 250);
  runUnit(task, say).catch((error) => say({ type: 'done', broken: cut(error?.stack ?? error) })).then(measure);
}

/**
 * What tells how tall the learner's page is, when that changed, so that all of it can be shown. It is asked by the clock: a frame
 * that is out of view draws nothing, and a ResizeObserver in it is silent. A page that never rests is not followed for ever.
 */
function sizeTeller(say) {
  let told = 0, last = 0;
  return () => {
    let height = 0;
    try { height = Math.ceil(document.documentElement.getBoundingClientRect().height); } catch { /* the code took that away */ }
    if (height === last || told >= 60) return;
    [last, told] = [height, told + 1];
    say({ type: 'size', height });
  };
}

let workerAddress = null;

/** Runs a task in a worker that ends with it; answers with the function that ends it early. */
function inWorker(task, say) {
  const { limits } = task;
  let over = false, heard = 0, started = 0, worker;
  const channel = new MessageChannel();
  const end = () => {
    over = true;
    clearInterval(timer);
    worker?.terminate();
    channel.port1.close();
  };
  const stop = (error) => {
    end();
    say({ type: 'stop', error });
  };
  const refused = () => {
    if (heard || over) return;
    end();
    say({ type: 'no-worker' });
  };
  const timer = setInterval(() => {
    const now = performance.now();
    if (!heard) {
      if (now - began > limits.hello) refused();
    } else if (now - heard > limits.quiet) stop(limitFault('timeout', limitWords.loop(null)));
    else if (started && now - started > limits.total + 500) stop(limitFault('timeout', limitWords.total(null)));
  }, 50);
  const began = performance.now();
  channel.port1.onmessage = ({ data }) => {
    if (over) return;
    heard = performance.now();
    if (data.type === 'start') started = heard;
    if (data.type === 'stop') stop(data.error);
    else if (data.type !== 'beat' && data.type !== 'hello') say(data);
    if (data.type === 'done') end();
  };
  try {
    workerAddress ??= URL.createObjectURL(new Blob([scriptText], { type: 'text/javascript' }));
    worker = new Worker(workerAddress);
    worker.onerror = refused;
    worker.postMessage(task, [channel.port2]);
  } catch {
    refused();
  }
  return end;
}

/** Gathers lines for a moment, so that the page gets few messages; anything else is sent at once, after the lines before it. */
function batched(port) {
  let lines = [], sent = -Infinity, timer = null;
  const flush = () => {
    if (timer !== null) keep.clearTimeout(timer);
    timer = null;
    if (!lines.length) return;
    sent = keep.now();
    keep.post(port, { type: 'log', lines });
    lines = [];
  };
  return (message) => {
    if (message.type !== 'log') {
      flush();
      keep.post(port, message);
      return;
    }
    for (let i = 0; i < message.lines.length; i += 1) add(lines, message.lines[i]);
    if (keep.now() - sent > 50) flush();
    else timer ??= keep.setTimeout(flush, 30);
  };
}
