// The weekly goal and the lesson that was open last: on the map, by a clock that stands still, and on another browser.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

let site, browser;
before(async () => { [site, browser] = await Promise.all([start(), launch()]); });
after(async () => {
  await browser?.close();
  await site?.stop();
});

// A Wednesday; the Sunday and the Monday before it.
const now = new Date('2026-11-25T12:00:00Z'), sunday = Date.parse('2026-11-22T10:00:00Z'), monday = Date.parse('2026-11-23T10:00:00Z');
const line = (page) => page.locator('.goal-line');
const goal = (page) => page.getByLabel('A goal for the week');
async function learner(options = {}) {
  const page = await visit(browser, site, { timezoneId: 'UTC', locale: 'de-DE', ...options });
  await page.clock.setFixedTime(now);
  return page;
}
const put = (page, learn) => page.evaluate((x) => localStorage.setItem('site:learn', JSON.stringify({ v: 1, open: null, ...x })), learn);
const passed = (times) => ({ lessons: Object.fromEntries(Object.entries(times).map(([id, at]) => [id, { passed: at, tries: 1, at }])) });
const week = passed({ 'give-it-a-name': sunday, 'let-it-change': monday, 'count-up': monday });
async function enter(page, way, name) {
  await page.goto('/' + way);
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill('a long walk by the sea');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
}
const sent = (page) => page.waitForFunction(() => localStorage.getItem('site:learn-unsent') === null && localStorage.getItem('site:learn') !== null);
async function end(page) {
  assert.deepEqual(page.faults, []);
  await page.context().close();
}

test('there is no goal until somebody wants one, and none again when they do not', async () => {
  const page = await learner();
  await page.goto('/learn');
  await put(page, week);
  await page.reload();
  assert.equal(await line(page).isVisible(), false);
  assert.equal(await goal(page).inputValue(), '0');
  await goal(page).selectOption('3');
  assert.equal(await line(page).innerText(), '2 of 3 this week');
  await page.reload();
  assert.equal(await line(page).innerText(), '2 of 3 this week');
  assert.equal(await goal(page).inputValue(), '3');
  await goal(page).selectOption('2');
  assert.equal(await line(page).innerText(), '2 of 2 this week');
  await goal(page).selectOption('1');
  assert.equal(await line(page).innerText(), '2 this week, 1 planned');
  await goal(page).selectOption('0');
  assert.equal(await line(page).isVisible(), false);
  await end(page);
});

for (const [locale, done] of [['de-DE', 2], ['en-US', 3]]) {
  test(`a week begins as it does in ${locale}, at midnight of the learner`, async () => {
    const page = await learner({ locale });
    await page.goto('/learn');
    await put(page, { ...week, goal: 5, goalAt: 1 });
    await page.reload();
    assert.equal(await line(page).innerText(), done + ' of 5 this week');
    // The last minute of the week, and the first of the next.
    const first = locale === 'en-US' ? '2026-11-29' : '2026-11-30';
    await page.clock.setFixedTime(new Date(Date.parse(first) - 60_000));
    await page.reload();
    assert.equal(await line(page).innerText(), done + ' of 5 this week');
    await page.clock.setFixedTime(new Date(first));
    await page.reload();
    assert.equal(await line(page).innerText(), '0 of 5 this week');
    await end(page);
  });
}

test('a week with a change of the hour begins at midnight too', async () => {
  const page = await learner({ locale: 'de-DE', timezoneId: 'Europe/Berlin' });
  // Summer time ended on Sunday, 2026-10-25, in Berlin; the week began on Monday, 2026-10-19, at 22:00 UTC of the day before.
  const begin = Date.parse('2026-10-18T22:00:00Z');
  await page.clock.setFixedTime(new Date('2026-10-25T20:00:00Z'));
  await page.goto('/learn');
  await put(page, { ...passed({ 'give-it-a-name': begin - 1, 'let-it-change': begin }), goal: 5, goalAt: 1 });
  await page.reload();
  assert.equal(await line(page).innerText(), '1 of 5 this week');
  await end(page);
});

test('the goal is in the file that is saved, and comes back from it', async () => {
  const page = await learner();
  await page.goto('/learn');
  await goal(page).selectOption('4');
  const saving = page.waitForEvent('download');
  await page.getByRole('button', { name: 'Save to a file' }).click();
  const file = await (await saving).path();
  assert.equal(JSON.parse(readFileSync(file, 'utf8')).goal, 4);
  const other = await learner();
  await other.goto('/learn');
  await other.locator('.import').setInputFiles({ name: 'p.json', mimeType: 'application/json', buffer: readFileSync(file) });
  await line(other).waitFor();
  assert.equal(await line(other).innerText(), '0 of 4 this week');
  await end(page);
  await end(other);
});

test('a file of an earlier form brings the lesson that was open last where none was, and takes no goal away', async () => {
  const page = await learner();
  const bring = async () => {
    const file = { kind: 'learn-progress', v: 1, ...passed({ 'give-it-a-name': monday }), open: 'count-up', drafts: {} };
    await page.locator('.import').setInputFiles({ name: 'p.json', mimeType: 'application/json', buffer: Buffer.from(JSON.stringify(file)) });
    await page.locator('.so-far', { hasText: '1 of 32' }).waitFor();
  };
  await page.goto('/learn');
  await goal(page).selectOption('4');
  await bring();
  assert.match(await page.locator('.continue').innerText(), /^Continue: lesson 9/);
  assert.equal(await line(page).innerText(), '1 of 4 this week');
  await page.goto('/learn/mend-the-receipt');
  await page.goto('/learn');
  await bring();
  assert.match(await page.locator('.continue').innerText(), /^Continue: recap/);
  await end(page);
});

test('the goal and the lesson that was open last are there on a member\'s other browser', async () => {
  const one = await visit(browser, site), other = await visit(browser, site);
  await enter(one, 'signup', 'ada');
  await one.goto('/learn');
  await goal(one).selectOption('4');
  await sent(one);
  await one.goto('/learn/count-up');
  await sent(one);
  await enter(other, 'login', 'ada');
  await other.goto('/learn');
  await line(other).waitFor();
  assert.equal(await line(other).innerText(), '0 of 4 this week');
  assert.match(await other.locator('.continue').innerText(), /^Continue: lesson 9/);
  // The later word counts, wherever it is said.
  await other.goto('/learn/give-it-a-name');
  await sent(other);
  await other.goto('/learn');
  await goal(other).selectOption('0');
  await sent(other);
  await one.goto('/learn');
  await line(one).waitFor({ state: 'hidden' });
  await one.locator('.continue', { hasText: 'lesson 3' }).waitFor();
  assert.equal(await goal(one).inputValue(), '0');
  await end(one);
  await end(other);
});

test('whatever is passed for the first time counts for the goal: a lesson, a step, a recap, a bonus lesson', async () => {
  const page = await learner();
  await page.goto('/learn');
  const steps = await page.evaluate(() => [...document.querySelectorAll('.project [data-lesson]')].map((step) => step.dataset.lesson));
  await put(page, { ...passed({ 'let-it-change': monday, [steps[0]]: monday, 'mend-the-receipt': monday, 'count-by-name': monday, 'gone-lesson': monday }), goal: 5, goalAt: 1 });
  await page.reload();
  assert.equal(await line(page).innerText(), '4 of 5 this week');
  assert.match(await goal(page).evaluate((select) => document.getElementById(select.getAttribute('aria-describedby')).innerText), /a recap, a bonus lesson/);
  await end(page);
});

test('a recap or a bonus lesson that was open last is where the map leads on, here and on another browser of the member', async () => {
  const one = await visit(browser, site), other = await visit(browser, site);
  await enter(one, 'signup', 'bo');
  await enter(other, 'login', 'bo');
  for (const [id, says] of [['mend-the-receipt', 'recap'], ['count-by-name', 'bonus']]) {
    await one.goto('/learn/' + id);
    await sent(one);
    await other.goto('/learn');
    await other.locator('.continue', { hasText: 'Continue: ' + says }).waitFor();
    for (const page of [one, other]) {
      await page.goto('/learn');
      assert.match(await page.locator('.continue').getAttribute('href'), new RegExp('/learn/' + id + '$'));
    }
  }
  await end(one);
  await end(other);
});
