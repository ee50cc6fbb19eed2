// What a browser tells for the sums of lessons: each thing once, without a cookie, and nothing when somebody declines.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

const id = 'give-it-a-name', city = '/learn/' + id, path = '/learn/progress/tally';
const wrong = 'const city = 5;', right = "const city = 'Oslo';\nconsole.log(city);";
let site, browser;
before(async () => { [site, browser] = await Promise.all([start(), launch()]); });
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** A test in a browser of its own, with the messages that it sent. */
function visitor(name, act, prepare = () => {}) {
  test(name, async () => {
    const page = await visit(browser, site), sent = [];
    await prepare(page);
    page.on('request', (request) => { if (new URL(request.url()).pathname === path) sent.push(request); });
    await act(page, sent);
    assert.deepEqual(page.faults, []);
    await page.context().close();
  });
}
async function run(page, text) {
  await page.locator('#ed').fill(text);
  await page.locator('.run').click();
  await page.locator('.run:not([aria-busy])').waitFor();
  await page.locator('.verdict[data-state]').waitFor();
  return page.locator('.verdict').innerText();
}
const told = (request) => request.postDataJSON().lessons[id]?.told;
const message = (page) => page.waitForRequest((request) => new URL(request.url()).pathname === path);
/** Leaves the page for one that is no lesson, and is back. */
async function away(page) {
  await page.goto('/about');
  await page.goto(city);
}

visitor('a try, a hint and a pass are told once, without a cookie', async (page, sent) => {
  await page.goto('/signup');
  await page.locator('input[name=name]').fill('ada');
  await page.locator('input[name=password]').fill('a long walk by the sea');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
  await page.goto(city);
  await run(page, wrong);
  await run(page, wrong + ' ');
  await page.locator('.hint-step').first().locator('summary').click();
  assert.equal(sent.length, 0, 'nothing yet');
  const passing = message(page);
  assert.match(await run(page, right), /^Passed/);
  const request = await passing;
  assert.deepEqual(told(request), ['tried', 'hint-1', 'passed']);
  assert.equal((await request.allHeaders()).cookie, undefined);
  assert.ok((await page.context().cookies()).length > 0, 'there is one that could have gone along');
  assert.equal((await request.response()).status(), 204);
  assert.equal((await request.response()).headers()['set-cookie'], undefined);
  // Once passed, what is looked at says nothing of the lesson.
  await page.locator('.hint-step').nth(1).locator('summary').click();
  await page.locator('.solution summary').click();
  await away(page);
  await run(page, wrong);
  await run(page, right);
  await away(page);
  assert.equal(sent.length, 1);
});

visitor('who leaves without passing has told what they tried, and the solution that was shown', async (page, sent) => {
  await page.goto(city);
  await page.locator('.run').click();
  await page.locator('.verdict[data-state]').waitFor();
  for (const text of [wrong, wrong + '6', wrong + '7']) await run(page, text);
  await page.locator('.unlock button').click();
  await page.getByRole('button', { name: 'Show it' }).click();
  await page.waitForFunction(() => localStorage.getItem('site:learn-told')?.includes('solution'));
  const leaving = message(page);
  await page.goto('/about');
  assert.deepEqual(told(await leaving), ['tried', 'solution']);
  assert.equal(sent.length, 1);
});

visitor('the text of the lesson itself is no try', async (page, sent) => {
  await page.goto(city);
  await page.locator('.run').click();
  await page.locator('.verdict[data-state=fail]').waitFor();
  await away(page);
  assert.equal(sent.length, 0);
});

visitor('the first minute on the front page is counted as lesson 1, once with the lesson itself', async (page, sent) => {
  await page.goto('/');
  const line = page.getByLabel('A line of JavaScript'), say = page.locator('#first-say');
  await line.fill('40 + 1');
  await line.press('Enter');
  await say.getByText('to something else').waitFor();
  assert.equal(sent.length, 0, 'nothing yet');
  const passing = message(page);
  await line.fill('40 + 2');
  await line.press('Enter');
  const request = await passing;
  const first = 'the-console-answers';
  assert.deepEqual(request.postDataJSON().lessons[first].told, ['tried', 'passed']);
  assert.equal((await request.response()).status(), 204);
  await page.goto(`/learn/${first}`);
  assert.equal(await page.locator('.lesson').getAttribute('data-tally'), request.postDataJSON().lessons[first].version);
  await run(page, '6 * 7');
  await page.goto('/about');
  assert.equal(sent.length, 1);
});

visitor('another version of a lesson is told of anew', async (page) => {
  await page.goto(city);
  const version = await page.locator('.lesson').getAttribute('data-tally');
  const before = { [id]: { version: 'before', told: ['tried', 'passed'], sent: ['tried', 'passed'] } };
  await page.evaluate((kept) => localStorage.setItem('site:learn-told', JSON.stringify(kept)), before);
  const passing = message(page);
  await run(page, right);
  const { lessons } = (await passing).postDataJSON();
  assert.deepEqual(lessons, { [id]: { version, told: ['tried', 'passed'] } });
});

for (const odd of [{ [id]: null }, { [id]: { version: 1 } }, [1], 'text']) {
  visitor(`odd things in the browser's store are no hindrance to a pass: ${JSON.stringify(odd)}`, async (page) => {
    await page.goto(city);
    await page.evaluate((kept) => localStorage.setItem('site:learn-told', JSON.stringify(kept)), odd);
    const passing = message(page);
    assert.match(await run(page, right), /^Passed/);
    assert.deepEqual(told(await passing), ['tried', 'passed']);
    assert.ok(await page.evaluate((lesson) => learn.progress.passed(lesson), id));
  });
}

visitor('what the site had no room for is told later, and what may have arrived is not', async (page, sent) => {
  let answer = (route) => route.fulfill({ status: 429, body: '{}' });
  await page.route('**' + path, (route) => answer(route));
  await page.goto(city);
  const first = message(page);
  await run(page, right);
  await (await first).response();
  await page.waitForFunction((key) => JSON.parse(localStorage.getItem('site:learn-told'))[key].sent.length === 0, id);
  answer = (route) => route.abort();
  await away(page);
  await page.waitForFunction((key) => JSON.parse(localStorage.getItem('site:learn-told'))[key].sent.length === 2, id);
  await away(page);
  assert.deepEqual(sent.map(told), [['tried', 'passed'], ['tried', 'passed']]);
});

visitor('who takes the mark off is not counted, nor what they did meanwhile', async (page, sent) => {
  await page.goto('/learn');
  const mark = page.getByLabel('Count my tries');
  assert.equal(await mark.isChecked(), true);
  await mark.uncheck();
  await page.goto(city);
  await run(page, wrong);
  await run(page, right);
  await page.goto('/learn');
  assert.equal(await mark.isChecked(), false, 'it stays off');
  await mark.check();
  await away(page);
  assert.equal(sent.length, 0);
});

const asking = (name, value) => (page) => page.addInitScript(([key, x]) => Object.defineProperty(Navigator.prototype, key, { get: () => x }), [name, value]);
for (const [name, value] of [['globalPrivacyControl', true], ['doNotTrack', '1']]) {
  visitor(`a browser that says ${name} is not counted, and the switch says why`, async (page, sent) => {
    await page.goto('/learn');
    const mark = page.getByLabel('Count my tries');
    assert.deepEqual([await mark.isChecked(), await mark.isDisabled()], [false, true]);
    assert.match(await page.locator('.counting').innerText(), /Your browser asks sites not to keep/);
    await page.goto(city);
    await run(page, right);
    await away(page);
    assert.equal(sent.length, 0);
  }, asking(name, value));
}
