// The operator's page: whole without a script, live with one, quiet while its tab is hidden.
import assert from 'node:assert/strict';
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

async function open(options) {
  const page = await visit(browser, site, options);
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
