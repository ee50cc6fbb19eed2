// A bench for the runner alone: serves assets/learn with the headers that the binary sends, and remembers every request, so that a
// test can say that nothing came through. Listens on loopback only.
import { createServer } from 'node:http';
import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

const learn = fileURLToPath(new URL('../../assets/learn/', import.meta.url));
const read = (name) => readFileSync(learn + name, 'utf8');

export const frameCsp = "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; worker-src blob:; style-src 'unsafe-inline'; "
  + "img-src data: blob:; connect-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'self'; sandbox allow-scripts allow-forms";
export const pageCsp = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'; frame-src 'self'; "
  + "form-action 'self'; base-uri 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'";

/** runner.html as it is served: the files of runner/ in order of their names, in one script. */
export function runnerPage() {
  const files = readdirSync(`${learn}runner`).filter((name) => name.endsWith('.js')).sort();
  return read('runner.html').replace(/^<!-- runner -->$/m, () => files.map((name) => read(`runner/${name}`)).join('\n'));
}

// Frames that do not keep to the protocol: one that lies, one that floods, one that says nothing, one that never starts.
const stranger = (script) => `<!doctype html><meta charset="utf-8"><title>x</title><script>onmessage = ({ ports: [port] }) => { const say = (message) => port.postMessage(message); ${script} };</script>`;
const liar = stranger(`say({ type: 'hello' }); say({ type: 'plan', runs: 1 });
  const log = (line) => say({ type: 'log', lines: [line] });
  const plain = (s) => [{ k: 'plain', s }];
  log({ level: 'log', parts: plain('fine'), line: 'x' });
  log({ level: 'evil', parts: plain('x') }); log({ level: 'log', parts: plain('x'.repeat(2001)) }); log({ level: 'log', parts: [{ k: 'html', s: 'x' }] });
  log({ level: 'log', parts: plain({ toString: 1 }) }); log({ level: 'log', parts: 'text' }); log(null);
  say({ type: 'check', key: 'a', state: 'pass' }); say({ type: 'check', key: '__proto__', state: 'pass' }); say(null); say('done');
  say({ type: 'done', ms: 'x', error: { kind: 'made up', message: 'x' }, kept: { a: { b: 1 } } });`);
const flood = stranger("say({ type: 'hello' }); for (let i = 0; i < 5000; i += 1) say({ type: 'check', key: 'a', state: 'start' });");

export async function bench({ frame = frameCsp } = {}) {
  const seen = [];
  let starts = 0;
  const pages = {
    '/': ['text/html; charset=utf-8', '<!doctype html><html lang="en"><meta charset="utf-8"><title>Bench</title><div id="view"></div><script src="/learn.js"></script>', pageCsp],
    '/learn/runner-bench.html': ['text/html; charset=utf-8', runnerPage(), frame],
    '/learn/liar.html': ['text/html; charset=utf-8', liar, frame],
    '/learn/flood.html': ['text/html; charset=utf-8', flood, frame],
    '/learn/silent.html': ['text/html; charset=utf-8', stranger(''), frame],
    // Only the first time.
    '/learn/late.html': ['text/html; charset=utf-8', () => (starts++ ? runnerPage() : stranger("say({ type: 'hello' });")), frame],
    '/learn.js': ['text/javascript', `const learn = {};\n${read('page/runner.js')}`],
  };
  const server = createServer((request, response) => {
    const [type, body, policy] = pages[request.url] ?? [];
    if (!type) {
      if (request.url !== '/favicon.ico') seen.push(`${request.method} ${request.url}${request.headers.cookie ? ' with a cookie' : ''}`);
      response.writeHead(200, { 'content-type': 'text/javascript', 'access-control-allow-origin': '*' }).end('globalThis.reached = true; export const reached = true;');
      return;
    }
    const headers = { 'content-type': type, 'cross-origin-opener-policy': 'same-origin' };
    if (policy) headers['content-security-policy'] = policy;
    response.writeHead(200, headers).end(typeof body === 'function' ? body() : body);
  });
  server.on('upgrade', (request, socket) => {
    seen.push(`UPGRADE ${request.url}`);
    socket.destroy();
  });
  await new Promise((resolve) => server.listen(0, '127.0.0.1', resolve));
  return {
    base: `http://127.0.0.1:${server.address().port}`, seen,
    stop: () => new Promise((resolve) => {
      server.close(resolve);
      server.closeAllConnections();
    }),
  };
}

/** A page with a runner; `run(lesson, code)` answers the outcome, with each line's text beside its parts. */
export async function open(browser, site) {
  const context = await browser.newContext();
  const page = await context.newPage();
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  await page.goto(site.base);
  await page.evaluate(() => {
    globalThis.live = [];
    globalThis.heldBack = [];
    globalThis.runner = learn.runner({ url: '/learn/runner-bench.html', host: document.getElementById('view'), visible: true, patience: 2 });
    addEventListener('message', (event) => heldBack.push(event.data));
  });
  page.run = (lesson, code) => page.evaluate(async ([lesson, code]) => {
    live.length = 0;
    const outcome = await runner.run({ lesson, code, onLog: (line) => live.push(line.parts.map(({ s }) => s).join('')) });
    return { ...outcome, texts: outcome.lines.map(({ parts }) => parts.map(({ s }) => s).join('')) };
  }, [{ id: 'test', mode: 'worker', checks: '', sentences: [], page: '', ...lesson }, code]);
  return page;
}
