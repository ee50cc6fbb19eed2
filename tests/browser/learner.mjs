// What a learner does on a lesson's page, and whether a page is sound: accessible, valid, no wider than the screen.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { visit } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard'],
  rules: {
    'no-trailing-whitespace': 'off', 'void-style': 'off', 'attribute-boolean-style': 'off', 'attribute-empty-style': 'off',
    'long-title': 'off', 'no-inline-style': 'error',
  },
});

/** Tests in a browser of their own, in the browser and the site that `where` tells once they are there. Each ends without an
 *  error of a script, a request elsewhere, a refusal by the page's policy. */
export const visitors = (where) => (name, path, act, options = {}) => test(name, async () => {
  const page = await visit(...where(), options);
  await page.goto(path);
  await act(page);
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

export const field = (page) => page.locator('#ed');
export async function write(page, text) {
  await field(page).click();
  await page.keyboard.press('ControlOrMeta+a');
  await page.keyboard.insertText(text);
}
/** Runs the code, which is `text` from now on; what came of it, in words. */
export async function run(page, text) {
  if (text !== undefined) await write(page, text);
  await page.locator('.run').click();
  await page.locator('.run:not([aria-busy])').waitFor();
  await page.locator('.verdict[data-state]').waitFor();
  return page.locator('.verdict').innerText();
}
export const kept = (page, key) => page.evaluate((name) => JSON.parse(localStorage.getItem('site:' + name)), key);

/** What is wrong with the HTML of an address. */
export async function invalid(page, path) {
  const report = await validator.validateString(await (await page.request.get(path)).text(), path);
  return report.results.flatMap(({ messages }) => messages.map(({ ruleId, message, line }) => `${ruleId}: ${message} at ${line}`));
}

/** axe runs through the debugging protocol, which the page's own policy does not bind. */
async function violations(page) {
  const session = await page.context().newCDPSession(page);
  await session.send('Runtime.evaluate', { expression: axe });
  const { result } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) =>
      v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')))`,
    awaitPromise: true, returnByValue: true,
  });
  await session.detach();
  return result.value;
}
export async function sound(page, what) {
  const faults = [];
  for (const colorScheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme });
    for (const found of await violations(page)) faults.push(`${what} ${colorScheme} axe: ${found}`);
  }
  for (const width of [320, 375, 640, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) faults.push(`${what} is ${over} px too wide at ${width}`);
  }
  return faults;
}
