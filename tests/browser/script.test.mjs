// What the script adds, one behaviour a test. Everything here has a way without it (walk.test.mjs).
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

let site, browser, page;
before(async () => {
  [site, browser] = await Promise.all([start('--demo'), launch()]);
  page = await visit(browser, site);
  await page.goto('/signup');
  await page.locator('input[name=name]').fill('scripted');
  await page.locator('input[name=password]').fill('a long walk by the sea');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function openStory() {
  await page.goto('/');
  await page.locator('.story', { hasText: /\d\d comments/ }).locator('a.talk').first().click();
  await page.locator('.thread .c').first().waitFor();
}

test('a draft survives a closed tab and goes once it is posted', async () => {
  await openStory();
  await page.locator('form.write textarea').first().fill('half a thought');
  await page.waitForTimeout(600);
  await page.reload();
  assert.equal(await page.locator('form.write textarea').first().inputValue(), 'half a thought');
  await page.locator('form.write textarea').first().fill('a whole thought, scripted');
  await page.locator('form.write button.main').first().click();
  await page.locator('.c .text', { hasText: 'a whole thought, scripted' }).first().waitFor();
  await page.reload();
  await openStory();
  assert.equal(await page.locator('form.write textarea').first().inputValue(), '');
});

test('a folded branch stays folded after a reload', async () => {
  await openStory();
  const branch = page.locator('.thread > .c > details.fold').first();
  await branch.locator('> summary').click();
  assert.equal(await branch.evaluate((fold) => fold.open), false);
  await page.reload();
  assert.equal(await page.locator('.thread > .c > details.fold').first().evaluate((fold) => fold.open), false);
  await page.locator('.thread > .c > details.fold').first().locator('> summary').click();
});

test('reply opens in place, with the selected words quoted', async () => {
  await openStory();
  const text = page.locator('.thread .c .text p').first();
  await text.evaluate((node) => {
    const range = document.createRange();
    range.selectNodeContents(node);
    getSelection().removeAllRanges();
    getSelection().addRange(range);
  });
  await page.locator('.thread .c a.reply').first().click();
  const field = page.locator('.thread .c form.write textarea').first();
  await field.waitFor();
  assert.match(await field.inputValue(), /^> /);
  assert.notEqual(await page.locator('.thread .c form.write input[name=parent]').first().inputValue(), '');
});

test('an earlier story of the same link is shown while writing', async () => {
  await page.goto('/');
  const url = await page.locator('.story .title a[href^="http"]').first().getAttribute('href');
  await page.goto('/submit');
  await page.locator('input[name=url]').fill(`${url}?utm_source=x`);
  await page.locator('input[name=url]').blur();
  await page.locator('[data-dupes] a').first().waitFor();
});

test('the keyboard walks the list, opens help and finds the search', async () => {
  await page.goto('/');
  await page.keyboard.press('j');
  await page.keyboard.press('j');
  assert.equal(await page.locator('[data-at]').count(), 1);
  await page.keyboard.press('?');
  await page.locator('dialog#keys[open]').waitFor();
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  await page.waitForURL(/\/search/);
});

test('times are relative, with the exact time one hover away', async () => {
  await page.goto('/');
  const time = page.locator('.story time').first();
  assert.match(await time.textContent(), /ago|now|yesterday/);
  assert.ok(await time.getAttribute('title'));
});

test('a vote shows at once, is undone at once, and the server agrees', async () => {
  await page.goto('/');
  const button = page.locator('.story button.vote[aria-pressed=false]').first();
  const item = await button.evaluate((node) => node.closest('.story').id);
  const points = async () => Number(await page.locator(`#${item} .vote`).textContent());
  const was = await points();
  const vote = page.locator(`#${item} button.vote`);
  for (const [pressed, expected] of [['true', was + 1], ['false', was]]) {
    await vote.click();
    await page.locator(`#${item} button.vote[aria-pressed=${pressed}]:not([aria-busy])`).waitFor();
    await page.reload();
    assert.equal(await points(), expected);
  }
});

test('a visitor\'s choice of colours is kept without a cookie', async () => {
  const visitor = await visit(browser, site);
  await visitor.goto('/');
  await visitor.locator('button.theme').click();
  const chosen = await visitor.evaluate(() => document.documentElement.dataset.theme);
  assert.match(chosen, /light|dark/);
  await visitor.goto('/newest');
  assert.equal(await visitor.evaluate(() => document.documentElement.dataset.theme), chosen);
  assert.deepEqual(await visitor.context().cookies(), []);
  assert.deepEqual(visitor.faults, []);
  await visitor.context().close();
});

test('no script complained on the way', () => assert.deepEqual(page.faults, []));
