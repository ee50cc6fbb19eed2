// The runner of lesson code against hostile and endless code: nothing gets out, no message is forged, nothing stays hung.
import assert from 'node:assert/strict';
import { createSocket } from 'node:dgram';
import { createServer } from 'node:net';
import { after, afterEach, before, test } from 'node:test';
import { bench, frameCsp, open, pageCsp, runnerPage } from './bench.mjs';
import { launch, start, visit } from './site.mjs';

let site, browser, page;
before(async () => {
  [site, browser] = await Promise.all([bench(), launch()]);
  page = await open(browser, site);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});
// Whatever a test tried: no request came, the page is where it was, no window opened, and the next run works.
afterEach(async () => {
  assert.deepEqual(site.seen.splice(0), []);
  assert.equal(page.url(), `${site.base}/`);
  assert.equal(page.context().pages().length, 1);
  assert.deepEqual(page.faults, []);
  assert.deepEqual((await page.run({}, 'console.log("still here")')).texts, ['still here']);
});

const modes = ['worker', 'document'];
const one = (check = 't.ok(t.value("x") === 2)') => ({ checks: `export const checks = { a(t) { ${check}; } };`, sentences: [['a', 'a holds']] });
// Code that tries each thing and logs "name: what came of it".
const tries = (things) => `const tell = async (name, act) => { let said; try { said = await Promise.race([act(), new Promise((_, no) => setTimeout(() => no({ name: 'nothing' }), 300))]); } catch (error) { said = error?.name; } console.log(name + ': ' + said); };
const opener2 = (thing, ok, bad) => new Promise((yes, no) => { thing[ok] = () => yes('open'); thing[bad] = () => no({ name: 'refused' }); });
${Object.entries(things).map(([name, code]) => `await tell(${JSON.stringify(name)}, async () => { ${code} });`).join('\n')}`;
async function outcomes(mode, things) {
  const { state, texts, error } = await page.run({ mode, page: '<a id="top" href="/away" target="_top">x</a><form id="f" action="/sent"><input name="q" value="1"><button>Send</button></form>' }, tries(things));
  assert.equal(state, 'ran', JSON.stringify(error));
  return Object.fromEntries(texts.map((text) => text.split(': ')));
}
const held = (found, allowed) => {
  for (const [name, said] of Object.entries(found)) assert.ok(allowed.includes(said), `${name}: ${said}`);
};

test('the site sends the policies that these tests run under, and a lesson passes in its own page', async (context) => {
  const binary = await start('--demo');
  context.after(() => binary.stop());
  const lesson = await visit(browser, binary);
  const response = await lesson.goto('/learn/give-it-a-name');
  const { runner: address, bundle } = await lesson.locator('[data-runner]').first().evaluate((element) => ({ ...element.dataset }));
  const frame = await fetch(binary.base + address);
  const rules = (policy) => policy.split(';').map((rule) => rule.trim()).filter(Boolean).sort();
  assert.deepEqual(rules(frame.headers.get('content-security-policy')).filter((rule) => rule !== "webrtc 'block'"), rules(frameCsp));
  assert.equal(frame.headers.get('x-frame-options'), null);
  assert.match(frame.headers.get('cache-control'), /max-age=31536000, immutable/);
  assert.equal((await frame.text()).trim(), runnerPage().trim());
  const page = rules(response.headers()['content-security-policy']);
  for (const rule of ["default-src 'none'", "script-src 'self'", "style-src 'self'", "frame-src 'self'", "base-uri 'none'", "frame-ancestors 'none'", "require-trusted-types-for 'script'"]) {
    assert.ok(rules(pageCsp).includes(rule) && page.includes(rule), rule);
  }
  const state = await lesson.evaluate(async ([url, bundle]) => {
    const lesson = await (await fetch(bundle)).json();
    return (await learn.runner({ url }).run({ lesson, code: lesson.solution })).state;
  }, [address, bundle]);
  assert.equal(state, 'passed');
  assert.deepEqual(lesson.faults.filter((fault) => !/webrtc/.test(fault) && !/a request to blob:/.test(fault)), []);
  await lesson.context().close();
});

test('the frame has no origin: cookies, storage, databases, the page and its address are out of reach', async () => {
  const found = await outcomes('document', {
    origin: 'return origin;',
    cookie: 'return document.cookie || "empty";',
    'cookie set': 'document.cookie = "a=1"; return document.cookie;',
    storage: 'const f = document.createElement("iframe"); document.body.append(f); return Object.getOwnPropertyDescriptor(f.contentWindow, "localStorage").get.call(window).length;',
    database: 'const r = indexedDB.open("x"); return await opener2(r, "onsuccess", "onerror");',
    caches: 'return await caches.open("x");',
    'parent document': 'return parent.document.title;',
    'parent global': 'return parent.learn;',
    'parent storage': 'return parent.localStorage.length;',
    'top address': 'return top.location.href;',
    'top go': 'top.location = "/away"; return "went";',
    'top go by href': 'top.location.href = "/away"; return "went";',
    'parent replace': 'parent.location.replace("/away"); return "went";',
    'frame element': 'return frameElement;',
    'service worker': 'return await navigator.serviceWorker.register("/sw.js");',
  });
  assert.equal(found.origin, 'null');
  delete found.origin;
  held({ 'frame element': 'SecurityError', ...found, 'frame element': found['frame element'] === 'null' ? 'SecurityError' : found['frame element'] }, ['SecurityError', 'TypeError', 'NotAllowedError', 'refused', 'NotSupportedError', 'InvalidStateError']);
});

test('no request leaves the frame or the worker', async () => {
  const there = JSON.stringify(site.base), socket = JSON.stringify(site.base.replace('http', 'ws'));
  const things = {
    fetch: `return (await fetch(${there} + "/a")).status;`,
    'real fetch': `const real = Object.getPrototypeOf(Object.getPrototypeOf(globalThis)).fetch ?? (() => { throw { name: "TypeError" }; }); return (await real.call(globalThis, ${there} + "/b")).status;`,
    import: `return (await import(${there} + "/c.js")).reached;`,
    importScripts: `importScripts(${there} + "/d.js"); return globalThis.reached;`,
    XMLHttpRequest: `const x = new XMLHttpRequest(); x.open("GET", ${there} + "/e"); x.send(); return await opener2(x, "onload", "onerror");`,
    WebSocket: `return await opener2(new WebSocket(${socket} + "/f"), "onopen", "onerror");`,
    EventSource: `return await opener2(new EventSource(${there} + "/g"), "onopen", "onerror");`,
    'worker of a page': `return await opener2(new Worker(${there} + "/h.js"), "onmessage", "onerror");`,
    WebTransport: `await new WebTransport("https://127.0.0.1:9/").ready; return "open";`,
    RTC: 'new RTCPeerConnection(); return "made";',
  };
  const pageThings = {
    beacon: `navigator.sendBeacon(${there} + "/i", "x"); throw { name: "nothing" };`,
    image: `const i = new Image(); i.src = ${there} + "/j.png"; return await opener2(i, "onload", "onerror");`,
    script: `const s = document.createElement("script"); s.src = ${there} + "/k.js"; document.head.append(s); return await opener2(s, "onload", "onerror");`,
    style: `const l = document.createElement("link"); l.rel = "stylesheet"; l.href = ${there} + "/l.css"; document.head.append(l); return await opener2(l, "onload", "onerror");`,
    font: `const f = new FontFace("x", "url(" + ${there} + "/m.woff)"); await f.load(); return "loaded";`,
    frame: `const f = document.createElement("iframe"); f.src = ${there} + "/n"; document.body.append(f); throw { name: "nothing" };`,
    object: `const o = document.createElement("object"); o.data = ${there} + "/o"; document.body.append(o); throw { name: "nothing" };`,
    audio: `const a = new Audio(${there} + "/p.mp3"); await a.play(); return "plays";`,
    prefetch: `const l = document.createElement("link"); l.rel = "prefetch"; l.href = ${there} + "/q"; document.head.append(l); throw { name: "nothing" };`,
    'fetch of a frame': `const f = document.createElement("iframe"); document.body.append(f); return (await f.contentWindow.fetch(${there} + "/r")).status;`,
  };
  const allowed = ['TypeError', 'ReferenceError', 'refused', 'nothing', 'SecurityError', 'NetworkError', 'NotSupportedError', 'WebTransportError', 'NotAllowedError', 'undefined'];
  held(await outcomes('worker', things), allowed);
  held(await outcomes('document', { ...things, ...pageThings }), allowed);
});

test('what the tests try would work where the policy lets it', async () => {
  const lax = await bench({ frame: 'sandbox allow-scripts allow-forms' });
  const open2 = await open(browser, lax);
  const { error } = await open2.run({ mode: 'document', page: '<form action="/sent"><button>Send</button></form>' }, `const there = ${JSON.stringify(lax.base)};
const x = new XMLHttpRequest(); x.open('GET', there + '/a'); x.send(); await new Promise((done) => { x.onloadend = done; });
await import(there + '/closed.js').catch(() => {}); const i = new Image(); i.src = there + '/c.png'; navigator.sendBeacon(there + '/d'); new WebSocket(there.replace('http', 'ws') + '/e');
await new Promise((done) => { i.onerror = done; });
document.querySelector('form').submit(); await new Promise(() => {});`);
  // The frame itself closes scripts from elsewhere, so an import is tried in the page.
  await open2.evaluate(() => import('/b.js'));
  await open2.context().close();
  await lax.stop();
  assert.deepEqual(lax.seen.map((line) => line.split(' ')[1]).sort(), ['/a', '/b.js', '/c.png', '/d', '/e', '/sent?'].sort(), JSON.stringify(error));
});

test('no window opens, no link or form leads away', async () => {
  held(await outcomes('document', {
    open: 'return String(open("/away"));',
    'top link': 'document.querySelector("#top").click(); throw { name: "nothing" };',
    'blank link': 'const a = document.querySelector("#top"); a.target = "_blank"; a.click(); throw { name: "nothing" };',
    'parent link': 'const a = document.querySelector("#top"); a.target = "_parent"; a.click(); throw { name: "nothing" };',
    download: 'const a = document.querySelector("#top"); a.target = ""; a.download = "x"; a.href = "data:text/plain,x"; a.click(); throw { name: "nothing" };',
    print: 'print(); throw { name: "nothing" };',
    'real alert': 'const f = document.createElement("iframe"); document.body.append(f); return String(f.contentWindow.alert("x"));',
  }), ['null', 'nothing', 'undefined', 'SecurityError']);
});

test('a submit event fires, and a form that is sent in earnest goes nowhere', async () => {
  const lesson = { mode: 'document', page: '<form action="/sent"><input name="q" value="1"><button>Send</button></form>' };
  const code = 'const form = document.querySelector("form");\nform.addEventListener("submit", (event) => { event.stopPropagation(); console.log("submit " + event.defaultPrevented); });\nform.querySelector("button").click();\nform.requestSubmit();\nform.submit();\nawait new Promise((done) => setTimeout(done, 200));';
  assert.deepEqual((await page.run(lesson, code)).texts, ['submit false', 'submit false']);
});

// Connections and packets that arrive on loopback, with the first line of what a connection says.
async function listeners() {
  const heard = { connections: 0, requests: [], packets: 0 };
  const tcp = createServer((socket) => {
    heard.connections += 1;
    socket.on('error', () => {});
    socket.once('data', (data) => {
      heard.requests.push(data.toString('latin1').split('\r\n')[0]);
      socket.destroy();
    });
  });
  const udp = createSocket('udp4').on('message', () => { heard.packets += 1; });
  await new Promise((done) => tcp.listen(0, '127.0.0.1', done));
  await new Promise((done) => udp.bind(0, '127.0.0.1', done));
  const there = `http://127.0.0.1:${tcp.address().port}`;
  const call = `const p = new RTCPeerConnection({ iceServers: [{ urls: 'stun:127.0.0.1:${udp.address().port}' }] }); p.createDataChannel('x'); p.createOffer().then((o) => p.setLocalDescription(o));`;
  return { heard, there, call, stop: () => { tcp.close(); udp.close(); } };
}
const text = (html) => JSON.stringify(html).replaceAll('</', '<\\/');
const put = (html) => `document.body.insertAdjacentHTML('beforeend', ${text(html)});`;
const frameWith = (how) => `const f = document.createElement('iframe'); ${how} document.body.append(f);`;
const pause = '\nawait new Promise((done) => setTimeout(done, 700));';
const attempt = (page, code) => page.run({ mode: 'document', page: '<p>x</p>' }, `try { ${code} } catch {}${pause}`);

test('a frame that learner\'s code makes calls nobody', async (context) => {
  const { heard, call, stop } = await listeners();
  context.after(stop);
  const script = `<script>${call}</script>`, nested = `<iframe srcdoc="${script}"></iframe>`;
  const things = {
    'own realm': call,
    srcdoc: frameWith(`f.srcdoc = ${text(script)};`),
    'srcdoc by attribute': frameWith(`f.setAttribute('srcdoc', ${text(script)});`),
    'a handler in srcdoc': frameWith(`f.srcdoc = ${text(`<body onload="${call}">`)};`),
    'a blob in srcdoc': `const b = URL.createObjectURL(new Blob([${JSON.stringify(call)}], { type: 'text/javascript' })); ${frameWith("f.srcdoc = '<script src=\"' + b + '\"><\\/script>';")}`,
    'a blob module in srcdoc': `const b = URL.createObjectURL(new Blob([${JSON.stringify(call)}], { type: 'text/javascript' })); ${frameWith("f.srcdoc = '<script type=module src=\"' + b + '\"><\\/script>';")}`,
    innerHTML: put(nested),
    'document.write': `document.write(${text(nested)});`,
    range: `document.body.append(document.createRange().createContextualFragment(${text(nested)}));`,
    parser: `document.body.append(new DOMParser().parseFromString(${text(nested)}, 'text/html').body.firstChild);`,
    'about:blank': `const f = document.createElement('iframe'); document.body.append(f); const { RTCPeerConnection } = f.contentWindow; ${call}`,
    'javascript:': frameWith(`f.src = ${JSON.stringify(`javascript:${call}`)};`),
    'data:': frameWith(`f.src = 'data:text/html,' + encodeURIComponent(${text(script)});`),
    'blob:': frameWith(`f.src = URL.createObjectURL(new Blob([${text(script)}], { type: 'text/html' }));`),
    object: put(`<object data="data:text/html,${encodeURIComponent(script)}"></object>`),
    embed: put(`<embed src="data:text/html,${encodeURIComponent(script)}">`),
  };
  const came = [];
  for (const [name, code] of Object.entries(things)) {
    await attempt(page, code);
    if (heard.packets || heard.connections) came.push(name);
    heard.packets = heard.connections = 0;
  }
  assert.deepEqual(came, []);
  // The same call is heard from a page that may make it.
  await page.evaluate(async (port) => {
    const p = new RTCPeerConnection({ iceServers: [{ urls: `stun:127.0.0.1:${port}` }] });
    p.createDataChannel('x');
    await p.setLocalDescription(await p.createOffer());
    await new Promise((done) => setTimeout(done, 1000));
    p.close();
  }, Number(/stun:127.0.0.1:(\d+)/.exec(call)[1]));
  assert.ok(heard.packets > 0);
});

test('markup and styles ask nobody', async (context) => {
  const { heard, there, stop } = await listeners();
  const lax = await bench({ frame: 'sandbox allow-scripts allow-forms' });
  const free = await open(browser, lax);
  context.after(async () => {
    await free.context().close();
    await lax.stop();
    stop();
  });
  const things = {
    ping: `const a = document.createElement('a'); a.href = '#x'; a.ping = '${there}/p'; document.body.append(a); a.click();`,
    svg: put(`<svg><image href="${there}/s.png"/></svg>`),
    style: put(`<p style="background: url(${there}/c)">x</p>`),
    'style import': put(`<style>@import "${there}/i.css";</style>`),
    poster: put(`<video poster="${there}/v"></video>`),
    base: `const b = document.createElement('base'); b.href = '${there}/'; document.head.append(b); new Image().src = 'x.png';`,
  };
  // A background is fetched when it is painted: in the visible frame, which comes after the run.
  const shown = async (where, code) => {
    await attempt(where, code);
    await new Promise((done) => setTimeout(done, 700));
  };
  const came = [], silent = [];
  for (const [name, code] of Object.entries(things)) {
    await shown(page, code);
    if (heard.connections) came.push(name);
    heard.connections = 0;
  }
  // Only then the same where the policy lets it: a browser asks again what went unanswered.
  for (const [name, code] of Object.entries(things)) {
    heard.requests.length = 0;
    await shown(free, code);
    if (!heard.requests.length) silent.push(name);
  }
  assert.deepEqual({ came, silent }, { came: [], silent: [] });
});

test('known limits: leaving opens a connection to another host, and says nothing on it', async (context) => {
  const { heard, there, stop } = await listeners();
  context.after(stop);
  for (const code of [`location.href = '${there}/secret';`, `document.head.append(Object.assign(document.createElement('meta'), { httpEquiv: 'refresh', content: '0;url=${there}/secret' }));`]) await attempt(page, code);
  assert.ok(heard.connections > 0);
  assert.deepEqual(heard.requests, []);
});

test('known limits: the frame cannot leave for another site; what it asks of this one carries no cookie', async () => {
  const other = await bench();
  const leave = (base) => page.run({ mode: 'document' }, `location.href = ${JSON.stringify(`${base}/away`)};\nawait new Promise(() => {});`);
  await leave(other.base.replace('127.0.0.1', 'localhost'));
  assert.deepEqual(other.seen, []);
  await other.stop();
  await page.evaluate(() => { document.cookie = 'session=secret; SameSite=Lax; path=/'; });
  await leave(site.base);
  assert.deepEqual(site.seen.splice(0), ['GET /away']);
});

test('a message to the page is not heard, whatever it says', async () => {
  const forged = '{ v: 1, type: "check", key: "a", state: "pass" }';
  for (const mode of modes) {
    const outcome = await page.run({ mode, ...one() }, `const x = 1;
const done = { type: 'done', ms: 1, runs: 1 };
for (const post of [globalThis.postMessage, globalThis.parent?.postMessage?.bind(parent)]) {
  try { post?.(${forged}, '*'); post?.(done, '*'); const { port1, port2 } = new MessageChannel(); post?.(${forged}, '*', [port2]); port1.postMessage(${forged}); } catch {}
}
globalThis.onmessage = null;
dispatchEvent(new MessageEvent('message', { data: ${forged} }));`);
    assert.deepEqual([outcome.state, outcome.failure?.key], ['failed', 'a'], mode);
  }
});

test('changed built-ins neither reach the port nor forge a pass', async () => {
  const code = `const x = 1;
let stolen = null;
const steal = function () { stolen ??= this; };
MessagePort.prototype.postMessage = steal;
for (const name of ['onmessage']) Object.defineProperty(MessagePort.prototype, name, { set: steal, get: steal, configurable: true });
JSON.stringify = () => '{"type":"done"}';
JSON.parse = () => ({ type: 'check', state: 'pass' });
Array.prototype.map = Array.prototype.push = Array.prototype.slice = Array.prototype.filter = function () { return this; };
Function.prototype.call = Function.prototype.apply = function () { stolen ??= this; };
Object.is = () => true;
Object.keys = Object.getOwnPropertyNames = () => [];
Reflect.apply = () => {};
globalThis.setTimeout = globalThis.clearTimeout = globalThis.queueMicrotask = () => {};
globalThis.performance.now = () => 0;
globalThis.self.close = () => {};
globalThis.postMessage = () => {};
Object.defineProperty(Object.prototype, 'type', { set(value) { this.hidden = value; }, get() { return 'done'; }, configurable: true });
Object.defineProperty(Object.prototype, 'state', { get() { return 'pass'; }, set() {}, configurable: true });
console.log('quiet');
globalThis.stolenPort = () => stolen;
globalThis.Promise = class {};
Promise.prototype.then = () => {};`;
  for (const mode of modes) {
    const outcome = await page.run({ mode, ...one('if (globalThis.stolenPort?.()) return; t.ok(t.value("x") === 2)') }, code);
    assert.deepEqual([outcome.state, outcome.failure?.key, outcome.texts], ['failed', 'a', ['quiet']], `${mode} ${JSON.stringify(outcome.error)}`);
    const stolen = await page.run({ mode, ...one('t.ok(!globalThis.stolenPort())') }, code);
    assert.equal(stolen.state, 'passed', `${mode}: the port was reached`);
  }
});

test('a learner\'s Promise.prototype.then does not stop a run from ending', async () => {
  for (const mode of modes) {
    const outcome = await page.run({ mode, ...one() }, 'const x = 2;\nPromise.prototype.then = function () { return this; };\nPromise.race = Promise.all = null;');
    assert.equal(outcome.state, 'passed', mode);
  }
});

test('an element of the lesson\'s page cannot break out of text into the page', async () => {
  const text = '<img src=x onerror="parent.hit=1"></script><script>hit=1</script>';
  const outcome = await page.run({}, `console.log(${JSON.stringify(text)}); throw new Error(${JSON.stringify(text)})`.replaceAll('</script', '<\\/script'));
  assert.deepEqual([outcome.texts[0], outcome.error.message], [text, text]);
});

test('a frame that lies is not believed', async () => {
  const outcome = await page.evaluate(async () => {
    const liar = learn.runner({ url: '/learn/liar.html', host: document.body, visible: false });
    return liar.run({ lesson: { id: 'x', mode: 'worker', checks: 'x', sentences: [['a', 'A'], ['b', 'B']] }, code: '' });
  });
  assert.equal(outcome.state, 'broken');
  assert.deepEqual(outcome.lines.map(({ level, parts, line }) => [level, parts, line]), [['log', [{ k: 'plain', s: 'fine' }], null]]);
  assert.deepEqual(outcome.checks.map(({ state }) => state), ['pass', 'not-reached']);
});

test('a frame that floods is dropped; one that says nothing and one that is missing are told as broken', async () => {
  const states = await page.evaluate(async () => {
    const found = {};
    for (const url of ['/learn/flood.html', '/learn/silent.html']) {
      const liar = learn.runner({ url, host: document.body, visible: false });
      found[url] = (await liar.run({ lesson: { id: 'x', mode: 'worker', checks: 'x', sentences: [['a', 'A']] }, code: '' })).state;
    }
    return found;
  });
  assert.deepEqual(states, { '/learn/flood.html': 'stopped', '/learn/silent.html': 'broken' });
});

test('a run that does not start is begun once more in a new frame', async () => {
  const outcome = await page.evaluate(() => {
    const late = learn.runner({ url: '/learn/late.html', host: document.body, visible: false });
    return late.run({ lesson: { id: 'x', mode: 'worker', checks: '', sentences: [] }, code: 'console.log(1);' });
  });
  assert.deepEqual([outcome.state, outcome.lines.length], ['ran', 1]);
});

// Endless and huge.

const stoppedAt = async (mode, code, line, more = {}) => {
  const { state, error, ms } = await page.run({ mode, page: '<button>x</button>', ...more }, code);
  assert.equal(state, 'stopped', `${mode} ${code} ${JSON.stringify(error)}`);
  if (line !== undefined) assert.deepEqual([error.message, error.line], [`Your code ran for 2 seconds without finishing.${line ? ` Look at the loop on line ${line}.` : ''}`, line]);
  assert.ok(ms < 14_000, `${ms} ms`);
};

for (const mode of modes) {
  test(`${mode}: an endless loop is stopped and named, wherever it stands`, async () => {
    await stoppedAt(mode, 'let n = 0;\nwhile (true) {\n  n += 1;\n}', 2);
    await stoppedAt(mode, '\ntry { for (;;) {} } catch { console.log("caught"); }\ndo {} while (true);', 2);
    await stoppedAt(mode, 'const f = async () => {\n  while (true) await null;\n};\nf();', 2);
    await stoppedAt(mode, 'function* g() {\n  do yield 1; while (true);\n}\n[...g()];', 2);
    await stoppedAt(mode, 'await 0;\nouter:\nfor (;;) for (const x of [1]) continue outer;', 3);
    await stoppedAt(mode, 'setTimeout(() => {\n  for (;;);\n});', 2);
  });

  test(`${mode}: endless work that is no loop is stopped too`, async () => {
    await stoppedAt(mode, '/(a+)+$/.test("a".repeat(40) + "b")');
    await stoppedAt(mode, 'const f = () => Promise.resolve().then(f);\nf();');
    const waits = await page.run({ mode }, 'await new Promise(() => {});');
    assert.deepEqual([waits.state, waits.error.message], ['stopped', 'Your code was still busy after 5 seconds, so it was stopped.']);
  });

  test(`${mode}: a flood of lines is cut, and the lines before it are kept`, async () => {
    const outcome = await page.run({ mode }, 'console.log("first");\nfor (;;) console.log("flood");');
    assert.deepEqual([outcome.state, outcome.error.kind, outcome.error.line, outcome.texts.length, outcome.texts[0]], ['stopped', 'output-limit', 2, 201, 'first']);
    const long = await page.run({ mode }, 'for (let i = 0; i < 900; i++) console.log(i);');
    assert.deepEqual([long.state, long.texts.length, long.texts.at(-1)], ['ran', 201, '… more lines are not shown']);
  });

  test(`${mode}: big, deep and hostile values do no harm`, async () => {
    const outcome = await page.run({ mode }, `console.log('x'.repeat(5e6));
console.log(new Array(1e6).fill(7));
console.log(new Array(4e9));
let deep = {}; for (let i = 0; i < 1e5; i++) deep = { deep };
console.log(deep);
console.log({ get a() { for (;;); } }, { toString() { throw 1; } });
console.log(new Proxy({}, { get() { throw 1; }, getPrototypeOf() { throw 1; } }), new Proxy(function () {}, {}));
console.log({ ['k'.repeat(1e5)]: 1 }, Symbol('s'.repeat(1e5)), Object.assign(new Error('m'), { name: { toString() { throw 1; } } }));
console.log(...new Array(1000).fill('many'));`);
    assert.equal(outcome.state, 'ran', JSON.stringify(outcome.error));
    assert.equal(outcome.texts.length, 8);
    for (const text of outcome.texts) assert.ok(text.length <= 2000, `${text.length} characters`);
    const recursion = await page.run({ mode }, 'function f() {\n  return f();\n}\nf();');
    assert.deepEqual([recursion.state, recursion.error.name], ['error', 'RangeError']);
    const rejected = await page.run({ mode }, 'Promise.reject(new TypeError("alone"));');
    assert.deepEqual([rejected.state, rejected.error.kind, rejected.error.message], ['error', 'promise', 'alone']);
  });

  test(`${mode}: growing memory is stopped`, async () => {
    const { state } = await page.run({ mode }, 'const all = [];\nfor (;;) all.push({ all });');
    assert.ok(['stopped', 'error'].includes(state), state);
  });

  test(`${mode}: a getter or a proxy that never ends while it is shown is stopped`, async () => {
    await stoppedAt(mode, 'console.log(new Proxy({}, { ownKeys() {\n  for (;;);\n} }));', 2);
  });
}

test('document: an endless loop in a handler is stopped and named', async () => {
  const check = { checks: 'export const checks = { async a(t) { await t.click(t.find("button")); } };', sentences: [['a', 'A']] };
  await stoppedAt('document', 'document.querySelector("button").onclick = () => {\n  while (true) {}\n};', 2, check);
});

test('an endless loop in a function that a check calls, or waits for, is stopped and named', async () => {
  await stoppedAt('worker', 'function x() {\n  for (;;);\n}', 2, one('t.value("x")()'));
  await stoppedAt('worker', 'async function x() {\n  for (;;) await new Promise((done) => setTimeout(done, 1));\n}', 2, { checks: 'export const checks = { async a(t) { await t.value("x")(); } };', sentences: [['a', 'A']] });
});
