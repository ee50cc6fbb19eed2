// The operator's page: whole without a script, live with one, quiet while its tab is hidden.
import assert from 'node:assert/strict';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { command, launch, start, visit } from './site.mjs';

let site, browser;
before(async () => {
  [site, browser] = await Promise.all([start('--demo'), launch()]);
  await command(['--data', site.data, 'admin', 'create', 'keeper'], 'correct horse battery\n');
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function open(options, at = site) {
  const page = await visit(browser, at, options);
  await page.goto('/login');
  await page.locator('input[name=name]').fill('keeper');
  await page.locator('input[name=password]').fill('correct horse battery');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
  await page.goto('/admin/status');
  return page;
}

const charts = (page) => page.locator('.status svg[role=img]');

test('without a script the page is whole, and says of when it is', async () => {
  const page = await open({ javaScript: false });
  assert.equal(await charts(page).count(), 15);
  assert.match(await page.locator('.word').textContent(), /All is well|Busy|Just started/);
  assert.match(await page.locator('#live').textContent(), /^As of \d\d:\d\d:\d\d UTC\.$/);
  await page.locator('.as-of a').click();
  assert.equal(new URL(page.url()).pathname, '/admin/status');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('with a script it changes by itself', async () => {
  const page = await open();
  await page.locator('#live', { hasText: 'Live.' }).waitFor();
  const place = page.locator('#v-requests .key li').first().locator('.num');
  await page.evaluate(() => Promise.all([...Array(40)].map(() => fetch('/newest', { credentials: 'omit' }))));
  await page.waitForFunction(() => Number(document.querySelector('#v-requests .value strong').textContent) > 1);
  assert.equal(await place.count(), 1);
  // The chart follows within its five seconds.
  const drawn = await page.locator('#p-requests').innerHTML();
  await page.waitForFunction((before) => document.querySelector('#p-requests').innerHTML !== before, drawn);
  assert.equal(await charts(page).count(), 15);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('while its tab is hidden it asks for nothing, and goes on afterwards', async () => {
  const page = await open();
  await page.locator('#live', { hasText: 'Live.' }).waitFor();
  const hide = (hidden) => page.evaluate((hidden) => {
    Object.defineProperty(document, 'hidden', { value: hidden, configurable: true });
    document.dispatchEvent(new Event('visibilitychange'));
  }, hidden);
  await hide(true);
  assert.equal(await page.locator('#live').textContent(), 'Paused.');
  await hide(false);
  await page.locator('#live', { hasText: 'Live.' }).waitFor();
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

test('it stops when the session has ended elsewhere', async () => {
  const page = await open();
  await page.locator('#live', { hasText: 'Live.' }).waitFor();
  const other = await page.context().newPage();
  await other.goto('/admin');
  await other.evaluate(() => fetch('/logout', { method: 'POST' }));
  await page.locator('#live', { hasText: 'The session has ended' }).waitFor();
  await page.context().close();
});

test('nodes show each other, and a lost one is told without a reload', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'site-token-'));
  const token = join(folder, 'token');
  writeFileSync(token, '0123456789abcdef0123456789abcdef', { mode: 0o600 });
  const nodes = [];
  try {
    const primary = await start('--demo', '--token-file', token);
    nodes.push(primary);
    await command(['--data', primary.data, 'admin', 'create', 'keeper'], 'correct horse battery\n');
    const standby = await start('--token-file', token, '--follow', primary.base);
    nodes.push(standby);
    await visit(browser, primary).then(async (page) => {
      while ((await page.request.get(`${standby.base}/readyz`)).status() !== 200);
      await page.context().close();
    });
    const first = await open({}, primary);
    await first.locator('#nodes', { hasText: standby.base }).waitFor();
    await first.locator('#nodes td', { hasText: /^In sync$/ }).waitFor();
    // Signed in by the primary; the page is the standby's own.
    const second = await open({ size: 'phone' }, standby);
    await second.locator('#nodes td', { hasText: /^Connected$/ }).waitFor();
    await second.locator('#live', { hasText: 'Live.' }).waitFor();
    const pictures = process.env.PICTURES;
    if (pictures) {
      for (const [page, name] of [[first, 'primary'], [second, 'standby']]) {
        await page.screenshot({ path: join(pictures, `${name}.png`) });
      }
    }
    const fits = () => second.evaluate(() => document.documentElement.scrollWidth <= innerWidth);
    assert.ok(await fits());
    await first.context().close();
    await nodes.shift().stop();
    await second.locator('#nodes td', { hasText: /^Not connected$/ }).waitFor();
    await second.locator('.word', { hasText: 'The primary cannot be reached' }).waitFor();
    assert.ok(await fits());
    if (pictures) await second.screenshot({ path: join(pictures, 'alone.png') });
    assert.deepEqual([...first.faults, ...second.faults], []);
    await second.context().close();
  } finally {
    await Promise.all(nodes.map((node) => node.stop()));
    rmSync(folder, { recursive: true });
  }
});
