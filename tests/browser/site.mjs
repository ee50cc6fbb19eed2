// A site to look at: the real binary on a free port with a data directory of its own, and a Chromium that talks to nothing else.
// What it starts it ends, by the handle that it holds.
import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

const binary = process.env.SITE_BIN ?? fileURLToPath(new URL('../../target/debug/site', import.meta.url));

/** Starts `site serve` with more arguments; `base` is its address, `setup` the one-time address of the set-up page. */
export async function start(...args) {
  const data = mkdtempSync(join(tmpdir(), 'site-browser-'));
  const child = spawn(binary, ['serve', '--data', join(data, 'data'), '--listen', '127.0.0.1:0', '--limits', 'off', ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, SITE_LOG: 'info' },
  });
  let printed = '';
  const base = await new Promise((resolve, reject) => {
    const read = (chunk) => {
      printed += chunk;
      const found = printed.match(/listening on (http:\/\/127\.0\.0\.1:\d+)/) ?? printed.match(/(http:\/\/127\.0\.0\.1:\d+)/);
      if (found) resolve(found[1]);
    };
    child.stdout.on('data', read);
    child.stderr.on('data', read);
    child.once('error', reject);
    child.once('exit', (code) => reject(new Error(`site ended with ${code}: ${printed}`)));
  });
  const stop = () =>
    new Promise((resolve) => {
      child.removeAllListeners('exit');
      child.once('exit', (code) => {
        rmSync(data, { recursive: true, force: true });
        resolve(code);
      });
      child.kill('SIGTERM');
    });
  return { base, data: join(data, 'data'), stop, printed: () => printed };
}

/** Runs another subcommand of the binary; answers with what it printed. */
export function command(args, input = '') {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, args, { stdio: ['pipe', 'pipe', 'pipe'] });
    let out = '';
    child.stdout.on('data', (chunk) => (out += chunk));
    child.stderr.on('data', (chunk) => (out += chunk));
    child.once('error', reject);
    child.once('exit', (code) => (code === 0 ? resolve(out) : reject(new Error(`${args.join(' ')}: ${code} ${out}`))));
    child.stdin.end(input);
  });
}

/** Debian's Chromium, without anything that talks to the network by itself. */
export function launch() {
  const found = [process.env.CHROMIUM, '/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome'];
  const executablePath = found.find((path) => path && existsSync(path));
  if (!executablePath) throw new Error('No Chromium found: install Debian\'s package chromium, or set CHROMIUM.');
  return chromium.launch({
    executablePath,
    args: [
      '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync',
    ],
  });
}

export const sizes = { desktop: { width: 1280, height: 900 }, phone: { width: 375, height: 720 } };

/** A browser of its own (cookies, storage) at one of the sizes; every error of a page's script is collected.
 *  More options (`locale`, `timezoneId`) go to the browser as they are. */
export async function visit(browser, site, { size = 'desktop', javaScript = true, scheme = 'light', ...more } = {}) {
  const context = await browser.newContext({
    baseURL: site.base, viewport: sizes[size], javaScriptEnabled: javaScript, colorScheme: scheme, reducedMotion: 'reduce',
    hasTouch: size === 'phone', ...more,
  });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.faults = [];
  page.on('pageerror', (error) => page.faults.push(String(error)));
  page.on('console', (line) => {
    if (line.type() === 'error' && !/status of 4\d\d/.test(line.text())) page.faults.push(line.text());
  });
  page.on('request', (request) => {
    const url = request.url();
    if (!url.startsWith(site.base) && !/^(data|blob):/.test(url)) page.faults.push(`a request to ${url}`);
  });
  return page;
}
