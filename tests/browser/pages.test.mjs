// Every kind of page, as a visitor, a member and an administrator see it: axe finds no violation (light and dark), the markup is
// valid HTML, nothing sticks out of a phone's screen, and no page asks anything of another host.
import assert from 'node:assert/strict';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { HtmlValidate } from 'html-validate';
import { command, launch, start, visit } from './site.mjs';

const axe = createRequire(import.meta.url).resolve('axe-core/axe.min.js');
const validator = new HtmlValidate({
  root: true,
  extends: ['html-validate:standard'],
  rules: {
    // Style of writing, not validity: maud writes void elements and booleans its own way.
    'no-trailing-whitespace': 'off', 'void-style': 'off', 'attribute-boolean-style': 'off', 'attribute-empty-style': 'off',
    // People's texts may be long; titles are cut by readers, not by us.
    'long-title': 'off', 'no-inline-style': 'error',
  },
});

const visitors = [
  '/', '/newest', '/active', '/top/day', '/top/week', '/top/all', '/comments', '/tags', '/t/javascript', '/t/css,html',
  '/search', '/search?q=temporal', '/search?q=zzzzqq', '/login', '/signup', '/about', '/guidelines', '/privacy', '/modlog',
  '/no/such/page',
];
const members = [
  '/', '/newest', '/submit', '/submit?url=https%3A%2F%2Fexample.org%2Fx', '/settings', '/settings/password', '/settings/sessions',
  '/settings/invites', '/settings/delete', '/saved', '/hidden', '/voted', '/mod', '/no/such/page',
];
const keepers = ['/mod', '/mod/domains', '/modlog', '/admin', '/admin/tags', '/admin/members', '/admin/status'];

let site, browser;
const found = {};

before(async () => {
  [site, browser] = await Promise.all([start('--demo'), launch()]);
  await command(['--data', site.data, 'admin', 'create', 'keeper'], 'correct horse battery\n');
  const page = await visit(browser, site);
  await page.goto('/');
  found.story = await page.locator('a.talk', { hasText: 'comments' }).first().getAttribute('href');
  found.domain = await page.locator('a.domain').first().getAttribute('href');
  found.user = await page.locator('.story a.user').first().getAttribute('href');
  await page.goto(found.story);
  found.comment = await page.locator('.c a[href^="/c/"]').first().getAttribute('href');
  found.id = found.story.split('/')[2];
  found.cid = found.comment.split('/')[2];
  await page.context().close();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function signedIn(name, password) {
  const page = await visit(browser, site);
  await page.goto('/login');
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
  return page;
}

async function check(page, path) {
  const faults = [];
  const answer = await page.goto(path);
  const html = await (await page.request.get(path)).text();
  const report = await validator.validateString(html, path);
  for (const result of report.results) {
    for (const message of result.messages.slice(0, 5)) faults.push(`${path} html: ${message.ruleId}: ${message.message} at ${message.line}:${message.column} ${message.selector ?? ''}`);
  }
  for (const scheme of ['light', 'dark']) {
    await page.emulateMedia({ colorScheme: scheme });
    const violations = await runAxe(page);
    for (const violation of violations) faults.push(`${path} ${scheme} axe: ${violation}`);
  }
  for (const width of [320, 375, 1280]) {
    await page.setViewportSize({ width, height: 800 });
    const over = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (over > 0) faults.push(`${path} is ${over} px too wide at ${width}`);
  }
  if (answer.status() >= 500) faults.push(`${path} answered ${answer.status()}`);
  faults.push(...page.faults.splice(0));
  return faults;
}

/** axe runs in the page's world through the debugging protocol, which the page's own policy (no eval) does not bind. */
async function runAxe(page) {
  const session = await page.context().newCDPSession(page);
  const { readFileSync } = await import('node:fs');
  await session.send('Runtime.evaluate', { expression: readFileSync(axe, 'utf8') });
  const { result, exceptionDetails } = await session.send('Runtime.evaluate', {
    expression: `axe.run(document, { resultTypes: ['violations'] }).then((r) => r.violations.map((v) =>
      v.id + ': ' + v.nodes.slice(0, 3).map((n) => n.html.slice(0, 160)).join(' | ')))`,
    awaitPromise: true, returnByValue: true,
  });
  await session.detach();
  if (exceptionDetails) throw new Error(exceptionDetails.text);
  return result.value;
}

async function all(page, paths) {
  const faults = [];
  for (const path of paths) faults.push(...(await check(page, path)));
  await page.context().close();
  assert.deepEqual(faults, []);
}

test('visitors\' pages are accessible, valid and fit every screen', async () => {
  await all(await visit(browser, site), [
    ...visitors, found.story, `${found.story}?order=newest`, found.comment, found.domain, found.user,
    `${found.user}/stories`, `${found.user}/comments`,
  ]);
});

test('members\' pages are accessible, valid and fit every screen', async () => {
  const page = await visit(browser, site);
  await page.goto('/signup');
  await page.locator('input[name=name]').fill('m'.repeat(30));
  await page.locator('input[name=password]').fill('a long walk by the sea');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
  await page.goto('/submit');
  await page.locator('input[name=title]').fill('W'.repeat(150));
  await page.locator('textarea[name=text]').fill('x'.repeat(3000));
  await page.locator('input[name=tags][value=ask]').check();
  await page.locator('form button.main').click();
  await page.locator('.full-story').waitFor();
  const own = new URL(page.url()).pathname, id = own.split('/')[2];
  await all(page, [
    ...members, found.story, found.comment, own, `/s/${id}/edit`, `/s/${id}/delete`, `/s/${found.id}/flag`,
    `/c/${found.cid}/flag`, `/c/${found.cid}/reply`, `/u/${'m'.repeat(30)}`,
  ]);
});

test('moderators\' and administrators\' pages are accessible, valid and fit every screen', async () => {
  await all(await signedIn('keeper', 'correct horse battery'), [...keepers, found.story, found.comment]);
});

test('forms with errors stay accessible and keep what was typed', async () => {
  const page = await signedIn('keeper', 'correct horse battery');
  await page.goto('/submit');
  await page.evaluate(() => document.querySelectorAll('form').forEach((form) => (form.noValidate = true)));
  await page.locator('textarea[name=text]').fill('kept text');
  await page.locator('form button.main').click();
  await page.locator('.err').first().waitFor();
  assert.equal(await page.locator('textarea[name=text]').inputValue(), 'kept text');
  assert.deepEqual(await runAxe(page), []);
  await page.context().close();
});
