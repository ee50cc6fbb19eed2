// Lessons as a learner meets them, in the real binary: writing, running, what comes of it, hints, reset, drafts, keys, phones,
// the map, the completion page, the first minute on the front page.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { after, before, test } from 'node:test';
import { field, invalid, kept, run, sound, visitors, write } from './learner.mjs';
import { launch, start, visit } from './site.mjs';

const city = '/learn/give-it-a-name';
const right = "const city = 'Oslo';\nconsole.log(city);";

let site, browser;
before(async () => { [site, browser] = await Promise.all([start('--demo'), launch()]); });
after(async () => {
  await browser?.close();
  await site?.stop();
});

const visitor = visitors(() => [browser, site]);
const states = (page) => page.locator('.checks > li').evaluateAll((items) => items.map((item) => item.dataset.state));

visitor('a right answer passes, is remembered, and the way on is the main button', city, async (page) => {
  assert.match(await run(page, right), /^Passed/);
  assert.ok((await states(page)).every((state) => state === 'pass'));
  assert.match(await page.locator('.next a.main').innerText(), /^Next: Let it change/);
  assert.equal(await page.locator('.button.main:visible').count(), 1);
  assert.ok((await kept(page, 'learn')).lessons['give-it-a-name'].passed > 0);
  await page.reload();
  assert.equal(await field(page).inputValue(), right, 'the text is still there after passing');
  await page.locator('.done-mark').waitFor();
  await page.locator('.next a').waitFor({ state: 'hidden' });
});

visitor('the first failure alone is told, by its own sentence, and the rest is not reached', city, async (page) => {
  const told = await run(page, 'const city = 5;\n');
  assert.match(told, /Not yet: check 1 of 3/);
  assert.match(told, /something that is not text/);
  assert.deepEqual(await states(page), ['fail', 'not-reached', 'not-reached']);
  assert.deepEqual(await page.locator('.checks .word').allInnerTexts(), ['not yet', 'not reached', 'not reached']);
  assert.equal(await page.locator('[role=status]:visible, [aria-live]:visible').count(), 1, 'one live region');
  await page.locator('.to-failure').click();
  assert.ok(await page.evaluate(() => document.activeElement.matches('.verdict')), 'focus moves when asked');
});

visitor('what was expected and what came are shown with the values of that run', '/learn/yes-or-no', async (page) => {
  const told = await run(page, 'const canEnter = true;');
  assert.match(told, /Given\s+age = 17/);
  assert.match(told, /Expected\s+false\s+Got\s+true/);
});

visitor('an error names its line, marks it, and leads to it', city, async (page) => {
  const told = await run(page, "// a note\nconst city = Oslo;\nconsole.log(city);");
  assert.match(told, /Line 2: ReferenceError/);
  assert.match(told, /Oslo is not defined/);
  assert.equal(await page.locator('.ln[data-bad]').evaluate((row) => [...row.parentElement.children].indexOf(row)), 1);
  assert.match(await page.locator('.ed-note').innerText(), /^Line 2: /);
  await page.getByRole('button', { name: 'Go to line 2' }).click();
  assert.equal(await field(page).evaluate((area) => area.value.slice(0, area.selectionStart).split('\n').length), 2);
  await page.keyboard.type(' ');
  assert.equal(await page.locator('.ln[data-bad]').count(), 0, 'the mark goes with the next edit');
});

visitor('a syntax error is told with its line', city, async (page) => {
  assert.match(await run(page, "const city = 'Oslo';\nconsole.log(city;"), /Line 2: SyntaxError/);
});

visitor('an endless loop is stopped, the text is safe, and the next run works', '/learn/keep-going-until', async (page) => {
  const loop = 'let days = 0;\nwhile (true) {\n  days += 1;\n}';
  assert.match(await run(page, loop), /Line 2: stopped/);
  assert.equal(await field(page).inputValue(), loop);
  assert.equal((await kept(page, 'learn-draft:keep-going-until')).code, loop);
  assert.match(await run(page, 'let days = 0;\nwhile (coins < goal) {\n  coins *= 2;\n  days += 1;\n}'), /^Passed/);
});

visitor('the console of lesson 1 answers to Enter, and Shift Enter begins a line', '/learn/the-console-answers', async (page) => {
  await write(page, '6 * 7');
  await page.keyboard.press('Enter');
  await page.locator('.verdict[data-state=pass]').waitFor();
  assert.equal(await page.locator('.con-result').textContent(), 'Result: 42');
  await page.keyboard.press('Shift+Enter');
  assert.equal(await field(page).inputValue(), '6 * 7\n');
});

visitor('Ctrl Enter runs, Enter keeps the indentation, the browser\'s undo takes it back', city, async (page) => {
  await write(page, '');
  await page.keyboard.type('if (true) {');
  await page.keyboard.press('Enter');
  await page.keyboard.type('1;');
  await page.keyboard.press('Enter');
  await page.keyboard.type('}');
  assert.equal(await field(page).inputValue(), 'if (true) {\n  1;\n}');
  await page.keyboard.press('ControlOrMeta+z');
  assert.notEqual(await field(page).inputValue(), 'if (true) {\n  1;\n}');
  await page.keyboard.press('ControlOrMeta+Enter');
  await page.locator('.verdict[data-state]').waitFor();
});

visitor('Tab leaves the editor; once asked for it indents, Escape then Tab leaves, and the choice is kept', city, async (page) => {
  const isIn = () => page.evaluate(() => document.activeElement.id === 'ed');
  await write(page, 'x');
  await page.keyboard.press('Tab');
  assert.equal(await isIn(), false);
  await page.locator('.tab-box').check();
  await write(page, 'x');
  await page.keyboard.press('Tab');
  assert.equal(await isIn(), true);
  assert.equal(await field(page).inputValue(), 'x  ');
  await page.keyboard.press('Shift+Tab');
  await page.keyboard.press('Escape');
  await page.keyboard.press('Tab');
  assert.equal(await isIn(), false);
  await page.reload();
  assert.equal(await page.locator('.tab-box').isChecked(), true);
});

visitor('hints come one after another; the solution after three different tries, on a second press', city, async (page) => {
  const hints = page.locator('.hint-step:visible');
  assert.equal(await hints.count(), 1);
  await hints.first().locator('summary').click();
  await page.locator('.hint-step:visible').nth(1).waitFor();
  assert.equal(await hints.count(), 2);
  const offer = page.getByRole('button', { name: 'Show the solution' });
  for (const n of [1, 1, 2]) await run(page, `const town = ${n};`);
  assert.equal(await offer.isVisible(), false, 'the same text twice is one try');
  await run(page, 'const town = 3;');
  await offer.click();
  assert.equal(await page.locator('.solution').isVisible(), false);
  await page.getByRole('button', { name: 'Not yet' }).click();
  await offer.click();
  await page.getByRole('button', { name: 'Show it' }).click();
  assert.match(await page.locator('.solution').innerText(), /const city/);
});

visitor('reset asks once and can be taken back, also after the page was loaded again', city, async (page) => {
  const starter = await field(page).inputValue();
  await write(page, 'my own words');
  await page.getByRole('button', { name: 'Reset' }).click();
  assert.equal(await field(page).inputValue(), 'my own words');
  await page.locator('.ask').getByRole('button', { name: 'Reset' }).click();
  assert.equal(await field(page).inputValue(), starter);
  await page.reload();
  await page.getByRole('button', { name: 'Bring my text back' }).click();
  assert.equal(await field(page).inputValue(), 'my own words');
});

visitor('two tabs: the newer text is offered, and nothing is overwritten unseen', city, async (page) => {
  await write(page, 'first tab');
  const other = await page.context().newPage();
  await other.goto(city);
  await other.bringToFront();
  await write(other, 'second tab');
  await page.getByText('There is a newer text of yours').waitFor();
  assert.equal(await field(page).inputValue(), 'first tab');
  await write(page, 'first tab goes on');
  await page.waitForFunction(() => JSON.parse(localStorage.getItem('site:learn-draft:give-it-a-name')).code === 'first tab goes on');
  assert.equal((await kept(page, 'learn-draft:give-it-a-name')).before, 'second tab');
});

visitor('a text of an earlier version of the lesson is kept and offered', city, async (page) => {
  await page.evaluate(() => localStorage.setItem('site:learn-draft:give-it-a-name', JSON.stringify({ starter: 'of-old', code: 'old words', at: 5 })));
  await page.reload();
  assert.notEqual(await field(page).inputValue(), 'old words');
  await write(page, 'new words');
  await page.getByRole('button', { name: 'Take it' }).click();
  assert.equal(await field(page).inputValue(), 'old words');
  assert.equal((await kept(page, 'learn-draft:give-it-a-name')).before, 'new words');
});

visitor('n and p walk through the lessons, outside of fields only, and ? tells so', city, async (page) => {
  await field(page).click();
  await page.keyboard.type('n');
  assert.match(page.url(), /give-it-a-name$/);
  await page.locator('h1').click();
  await page.keyboard.press('?');
  assert.match(await page.locator('dialog#keys').innerText(), /next, previous lesson/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('n');
  await page.waitForURL(/let-it-change$/);
  await page.locator('h1').click();
  await page.keyboard.press('p');
  await page.waitForURL(/give-it-a-name$/);
});

visitor('code never runs before it is asked to, and the runner comes with the first run', city, async (page) => {
  await write(page, right);
  assert.equal(await page.locator('iframe:not([hidden])').count(), 0);
  assert.equal(await page.locator('.con > li').count(), 0);
});

visitor('without JavaScript a lesson reads well, says what is missing, and folds the solution', city, async (page) => {
  assert.ok(await page.locator('noscript p').isVisible());
  assert.ok(await page.locator('.solution summary').isVisible());
  assert.equal(await page.locator('.run').isVisible(), false);
  assert.equal(await page.locator('.hint-step:visible').count() >= 2, true);
  assert.equal(await page.locator('.panes').isVisible(), false);
  assert.ok(await field(page).isVisible());
}, { javaScript: false, size: 'phone' });

visitor('on a phone a lesson is three tabs, signs can be typed, and Run stays in view', city, async (page) => {
  const tab = (name) => page.getByRole('tab', { name });
  assert.equal(await page.locator('.result').isVisible(), false);
  await tab('Read').press('ArrowRight');
  assert.equal(await tab('Code').getAttribute('aria-selected'), 'true');
  assert.equal(await page.getByRole('tabpanel', { name: 'Code' }).isVisible(), true);
  await write(page, 'a');
  await page.locator('.symbols button[data-type="("]').click();
  await page.locator('.symbols button[data-move=left]').click();
  await page.keyboard.type('b');
  assert.equal(await field(page).inputValue(), 'ab(');
  const box = await page.locator('.run').boundingBox();
  assert.ok(box.y + box.height <= 720 && box.height >= 44);
  await run(page, right);
  assert.equal(await tab('Result').getAttribute('aria-selected'), 'true');
  assert.ok(await page.locator('.verdict').isVisible());
  assert.equal(await page.evaluate(() => getComputedStyle(document.querySelector('#ed')).fontSize), '16px');
}, { size: 'phone' });

visitor('a document lesson shows the learner\'s page', '/learn/find-and-change', async (page) => {
  const code = await page.locator('.solution code').textContent();
  await run(page, code);
  await page.frameLocator('.stage iframe').locator('h1').waitFor();
  assert.equal(await page.locator('.verdict').getAttribute('data-state'), 'pass');
});

visitor('the map marks what is passed, leads on, and takes progress along in a file', '/learn', async (page) => {
  assert.match(await page.locator('.continue').innerText(), /Start with lesson 1/);
  const count = await page.locator('.entry').count();
  assert.equal(count, 32);
  await page.evaluate(() => localStorage.setItem('site:learn', JSON.stringify({
    v: 1, lessons: { 'the-console-answers': { passed: 5, tries: 1, at: 5 }, 'words-need-quotes': { passed: null, tries: 2, at: 6 } }, open: 'the-console-answers',
  })));
  await page.reload();
  assert.equal(await page.locator('.entry[data-state=passed]').count(), 1);
  assert.equal(await page.locator('.continue').innerText(), 'Continue: lesson 2');
  assert.match(await page.locator('.so-far').innerText(), /^1 of 32 lessons passed/);
  const [file] = await Promise.all([page.waitForEvent('download'), page.locator('.export').click()]);
  const path = await file.path();
  assert.equal(JSON.parse(readFileSync(path, 'utf8')).lessons['the-console-answers'].passed, 5);
  await page.evaluate(() => localStorage.clear());
  await page.reload();
  assert.equal(await page.locator('.entry[data-state=passed]').count(), 0);
  await page.locator('.import').setInputFiles({ name: 'p.json', mimeType: 'application/json', buffer: readFileSync(path) });
  await page.locator('.entry[data-state=passed]').waitFor();
  await page.locator('.import').setInputFiles({ name: 'x.json', mimeType: 'application/json', buffer: Buffer.from('{"v":2}') });
  await page.getByText('Nothing was changed').waitFor();
  assert.equal(await page.locator('.entry[data-state=passed]').count(), 1);
});

visitor('the completion page waits for the last lesson, then stands ready to print with a name of one\'s own', '/learn/done', async (page) => {
  assert.match(await page.locator('.done-part').innerText(), /32 lessons to go/);
  const ids = (await page.locator('.course-done').getAttribute('data-lessons')).split(/[ +]/);
  await page.evaluate((all) => localStorage.setItem('site:learn', JSON.stringify({
    v: 1, lessons: Object.fromEntries(all.map((id) => [id, { passed: Date.UTC(2026, 0, 5, 12), tries: 0, at: 5 }])), open: null,
  })), ids);
  await page.reload();
  await page.getByLabel('Your name').fill('Ada Lovelace');
  const sheet = await page.locator('.sheet').innerText();
  assert.match(sheet, /Ada Lovelace/);
  assert.match(sheet, /January 5, 2026/);
  assert.match(sheet, /By their own account/);
  await page.reload();
  assert.match(await page.locator('.sheet').innerText(), /Ada Lovelace/);
});

visitor('the first minute: nothing is loaded until somebody types, Enter runs, and the way leads to lesson 2', '/', async (page) => {
  const asked = [];
  page.on('request', (request) => asked.push(new URL(request.url()).pathname));
  const height = () => page.locator('.first').evaluate((el) => el.getBoundingClientRect().height);
  const tall = await height();
  assert.equal(await page.locator('script[src*="learn"]').count(), 0);
  const line = page.getByLabel('A line of JavaScript');
  await line.fill('40 + 1');
  await line.press('Enter');
  await page.locator('#first-say .first-out').waitFor();
  assert.ok(asked.some((path) => /^\/assets\/learn-/.test(path)));
  assert.match(await page.locator('#first-say').innerText(), /41/);
  await line.fill('6 * 7');
  await line.press('Enter');
  await page.getByRole('link', { name: /^Lesson 2: / }).waitFor();
  await page.reload();
  assert.equal(await page.getByRole('link', { name: 'Continue: lesson 2' }).isVisible(), true);
  assert.equal(await line.isVisible(), false);
  assert.equal(await height(), tall, 'both take the same room');
});

visitor('the first minute without JavaScript is the way to lesson 1', '/', async (page) => {
  await page.locator('.first').getByRole('button').click();
  await page.waitForURL(/\/learn\/the-console-answers/);
}, { javaScript: false });

test('a member meets progress and text on another device, and no key of the page when keys are switched off', async () => {
  const one = await visit(browser, site), other = await visit(browser, site);
  await one.goto('/signup');
  await one.locator('input[name=name]').fill('learner');
  await one.locator('input[name=password]').fill('a long walk by the sea');
  await one.locator('form button.main').click();
  await one.locator('details.menu').waitFor();
  await one.goto(city);
  const sent = one.waitForResponse((answer) => new URL(answer.url()).pathname === '/learn/progress' && answer.request().method() === 'POST');
  await run(one, right);
  assert.equal((await sent).status(), 200);
  await one.waitForFunction(() => localStorage.getItem('site:learn-unsent') === null);
  await other.goto('/login');
  await other.locator('input[name=name]').fill('learner');
  await other.locator('input[name=password]').fill('a long walk by the sea');
  await other.locator('form button.main').click();
  await other.locator('details.menu').waitFor();
  await other.goto(city);
  await other.locator('.done-mark').waitFor();
  assert.equal(await field(other).inputValue(), right);
  await other.goto('/settings');
  await other.locator('input[name=keys]').uncheck();
  await other.locator('form:has(input[name=keys]) button.main').click();
  await other.goto(city);
  await other.locator('h1').click();
  await other.keyboard.press('n');
  await other.keyboard.press('?');
  assert.equal(await other.locator('dialog#keys').count(), 0);
  assert.match(other.url(), /give-it-a-name$/);
  for (const page of [one, other]) {
    assert.deepEqual(page.faults, []);
    await page.context().close();
  }
});

test('a lesson is there and runs without a connection', async () => {
  const page = await visit(browser, site);
  await page.goto(city);
  await page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 60_000 });
  await page.waitForFunction(() => localStorage.getItem('site:learn-runner') !== null);
  await page.context().setOffline(true);
  await page.goto('/learn/let-it-change');
  await page.goto(city);
  assert.match(await run(page, right), /^Passed/);
  await page.goto('/learn');
  assert.equal(await page.locator('.entry[data-state=passed]').count(), 1);
  await page.context().close();
});

for (const path of ['/learn', '/learn/done', '/learn/the-console-answers', city, '/learn/find-and-change', '/learn/mend-the-receipt', '/']) {
  visitor(`${path} is accessible, valid, and fits every screen`, path, async (page) => {
    const faults = await invalid(page, path);
    assert.deepEqual([...faults, ...(await sound(page, path))], []);
  });
}

visitor('a lesson is accessible in each of its states, also at twice the size', city, async (page) => {
  const faults = [];
  await run(page, 'const city = nowhere;');
  faults.push(...await sound(page, 'error'));
  await run(page, 'const city = 5;');
  faults.push(...await sound(page, 'failed'));
  await page.getByRole('button', { name: 'Reset' }).click();
  faults.push(...await sound(page, 'asking'));
  await page.keyboard.press('Escape');
  await run(page, right);
  for (const hint of await page.locator('.hint-step summary').all()) await hint.click();
  faults.push(...await sound(page, 'passed'));
  assert.deepEqual(faults, []);
});
