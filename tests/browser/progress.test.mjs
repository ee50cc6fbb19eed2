// What a browser keeps of a learner, and what of it goes to which account.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

const id = 'give-it-a-name', city = '/learn/' + id;
let site, browser;
before(async () => { [site, browser] = await Promise.all([start(), launch()]); });
after(async () => {
  await browser?.close();
  await site?.stop();
});

const password = 'a long walk by the sea';
async function enter(page, name, way = 'signup') {
  await page.goto('/' + way);
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
}
/** Signed out, as when the session has ended. */
const leave = (page) => page.context().clearCookies();
async function member(name) {
  const page = await visit(browser, site);
  await enter(page, name);
  return page;
}
const kept = (page, key) => page.evaluate((name) => JSON.parse(localStorage.getItem('site:' + name)), key);
const put = (page, key, value) => page.evaluate(([name, x]) => localStorage.setItem('site:' + name, JSON.stringify(x)), [key, value]);
const account = (page) => page.evaluate(async () => (await fetch('/learn/progress')).json());
/** The account's own, given from elsewhere. */
const give = (page, told) => page.evaluate(async (body) => {
  const answer = await fetch('/learn/progress', { method: 'POST', body: JSON.stringify(body), headers: { 'Content-Type': 'application/json' } });
  return answer.json();
}, { v: 1, ...told });
/** Goes to a page of the course and waits until it has spoken with the account. */
async function learn(page, path = city) {
  const heard = page.waitForResponse((answer) => new URL(answer.url()).pathname === '/learn/progress' && answer.request().method() === 'GET');
  await page.goto(path);
  await (await heard).finished();
  await page.waitForFunction(() => localStorage.getItem('site:learn-unsent') === null);
}
const text = (page) => page.locator('#ed').inputValue();
const starterOf = (page) => page.locator('.lesson').getAttribute('data-starter');

test('what one member did on a browser is not the next one\'s, and is there when they come back', async () => {
  const page = await visit(browser, site);
  await page.goto(city);
  const starter = await starterOf(page);
  await put(page, 'learn', { v: 1, lessons: { [id]: { passed: 5, tries: 3, at: 5 } }, open: id });
  await put(page, 'learn-draft:' + id, { starter, code: 'of ada', at: 5 });
  await enter(page, 'ada');
  await learn(page);
  assert.equal((await account(page)).drafts[id].code, 'of ada', 'what is nobody\'s is of who signs in');
  await leave(page);
  await page.goto(city);
  assert.equal(await text(page), 'of ada', 'a visitor goes on with what is there');
  const stale = await page.context().newPage();
  await enter(page, 'bob');
  await learn(page);
  assert.notEqual(await text(page), 'of ada');
  assert.equal(await page.locator('.done-mark').isVisible(), false);
  const { openAt, ...known } = await account(page);
  assert.deepEqual(known, { v: 1, lessons: {}, drafts: {}, open: id }, 'bob has opened it, and nothing more');
  await page.locator('#ed').fill('of bob');
  await page.locator('.run').click();
  await page.locator('.verdict[data-state]').waitFor();
  await learn(page, '/learn');
  assert.equal((await account(page)).drafts[id].code, 'of bob');
  await leave(page);
  await enter(page, 'ada', 'login');
  await learn(page);
  assert.equal(await text(page), 'of ada');
  assert.equal(await page.locator('.done-mark').isVisible(), true);
  assert.equal((await account(page)).drafts[id].code, 'of ada');
  await stale.close();
  await page.context().close();
});

test('a page of one member that stays open while another signs in keeps its words for its own', async () => {
  const old = await member('carla');
  await learn(old);
  const page = await old.context().newPage();
  await leave(page);
  await enter(page, 'dora');
  const refused = old.waitForResponse((answer) => answer.request().method() === 'POST' && answer.url().includes('/learn/progress'));
  await old.locator('#ed').fill('of carla');
  assert.equal((await refused).status(), 403, 'before a page of the course has seen the other member');
  await learn(page);
  assert.notEqual(await text(page), 'of carla');
  await old.locator('#ed').fill('more of carla');
  await old.waitForFunction((key) => localStorage.getItem(key)?.includes('more of carla'), 'site:learn-of:carla:learn-draft:' + id);
  assert.equal(await kept(page, 'learn-draft:' + id), null);
  assert.deepEqual((await account(page)).drafts, {});
  await page.context().close();
});

test('texts of two versions of a lesson are both kept when browsers meet', async () => {
  const page = await member('emil');
  await learn(page);
  const starter = await starterOf(page);
  await put(page, 'learn-draft:' + id, { starter, code: 'of now', at: 10, before: 'before now' });
  await give(page, { drafts: { [id]: { starter: 'of-old', code: 'of old', at: 20 } } });
  await learn(page, '/learn');
  await learn(page);
  assert.equal(await text(page), 'of now');
  await page.locator('.offers', { hasText: 'an earlier version' }).waitFor();
  await page.locator('#ed').fill('of now, and on');
  await page.waitForFunction((key) => localStorage.getItem(key)?.includes('and on'), 'site:learn-draft:' + id);
  const { code, old, before: undo } = await kept(page, 'learn-draft:' + id);
  assert.deepEqual([code, undo, old.code, old.starter], ['of now, and on', 'before now', 'of old', 'of-old']);
  await page.getByRole('button', { name: 'Take it' }).click();
  assert.equal(await text(page), 'of old');
  await page.context().close();
});

test('a clock that is ahead does not send an old text over a newer one again and again', async () => {
  const page = await member('frida');
  await learn(page);
  const starter = await starterOf(page);
  const ahead = () => { const real = Date.now; Date.now = () => real() + 3_600_000; };
  await page.addInitScript(ahead);
  await page.reload();
  await put(page, 'learn-draft:' + id, { starter, code: 'old words', at: await page.evaluate(() => Date.now()) });
  await learn(page, '/learn');
  const dated = (await account(page)).drafts[id];
  assert.equal(dated.code, 'old words');
  assert.equal((await kept(page, 'learn-draft:' + id)).at, dated.at, 'the date is the account\'s');
  await give(page, { drafts: { [id]: { starter, code: 'newer words', at: dated.at + 1 } } });
  await learn(page);
  await page.getByRole('button', { name: 'Take the newer one' }).click();
  assert.equal(await text(page), 'newer words');
  await learn(page);
  assert.equal((await account(page)).drafts[id].code, 'newer words');
  await page.context().close();
});

test('what the account does not take is told once, and holds nothing else back', async () => {
  const page = await member('gerd');
  await learn(page);
  const starter = await starterOf(page);
  await put(page, 'learn', { v: 1, open: null, lessons: {
    'x': { passed: 5, tries: 1, at: 5 }, 'done': { passed: 5, tries: 1, at: 5 }, 'count-up': { passed: 7.5, tries: 5e9, at: 1.5 },
  } });
  await put(page, 'learn-draft:' + id, { starter, code: 'y'.repeat(30_000), at: 5 });
  await put(page, 'learn-draft:await-it', { starter, code: 'half a sign \ud83d', at: 1.5 });
  await learn(page, '/learn');
  const known = await account(page);
  assert.deepEqual(Object.keys(known.lessons), ['count-up']);
  assert.equal(known.lessons['count-up'].passed, 7);
  assert.deepEqual(Object.keys(known.drafts), ['await-it']);
  const posts = [];
  page.on('request', (request) => { if (request.method() === 'POST') posts.push(request.url()); });
  await learn(page, '/learn');
  await page.waitForLoadState('networkidle');
  assert.deepEqual(posts, []);
  await put(page, 'learn-draft:' + id, { starter, code: 'short', at: 6 });
  await learn(page, '/learn');
  assert.equal((await account(page)).drafts[id].code, 'short', 'once it was changed it is sent');
  await page.context().close();
});

test('the first minute keeps the text that was there before all its lines, and leaves a passed lesson alone', async () => {
  const page = await visit(browser, site);
  const first = 'the-console-answers';
  await page.goto('/learn/' + first);
  const starter = await starterOf(page);
  await page.goto('/');
  await page.evaluate(() => localStorage.clear());
  await put(page, 'learn-draft:' + first, { starter, code: 'my own', at: 5 });
  await page.reload();
  const line = page.getByLabel('A line of JavaScript');
  const enterLine = async (words) => {
    await line.fill(words);
    await line.press('Enter');
    await page.waitForFunction(([key, code]) => JSON.parse(localStorage.getItem(key)).code === code, ['site:learn-draft:' + first, words]);
  };
  await enterLine('1 + 1');
  await enterLine('1 + 2');
  assert.equal((await kept(page, 'learn-draft:' + first)).before, 'my own');
  await enterLine('6 * 7');
  await page.getByRole('link', { name: /^Lesson 2: / }).waitFor();
  await line.fill('2 + 2');
  await line.press('Enter');
  await page.locator('#first-say', { hasText: '4' }).waitFor();
  await page.waitForFunction(() => !document.querySelector('#first-say').textContent.includes('42'));
  const { code, before: undo } = await kept(page, 'learn-draft:' + first);
  assert.deepEqual([code, undo], ['6 * 7', 'my own']);
  await page.context().close();
});
