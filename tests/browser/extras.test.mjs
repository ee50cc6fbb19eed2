// Recaps, the bonus shelf, and what comes after the last lesson: what does not count, and where "Continue" leads then. Beside
// it what newcomers met on the way: a lesson opened again, names made inside braces, tries, the size of their own page.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { field, kept, run, sound, visitors, write } from './learner.mjs';
import { launch, start, visit } from './site.mjs';

let site, browser;
before(async () => { [site, browser] = await Promise.all([start('--demo'), launch()]); });
after(async () => {
  await browser?.close();
  await site?.stop();
});

const visitor = visitors(() => [browser, site]);
/** What this browser has passed. */
const pass = (page, ids) => page.evaluate((all) => localStorage.setItem('site:learn', JSON.stringify({
  v: 1, lessons: Object.fromEntries(all.map((id) => [id, { passed: Date.UTC(2026, 0, 5, 12), tries: 0, at: 5 }])), open: null,
})), ids);
/** The ids of what counts, and of what does not. */
async function course(page) {
  await page.goto('/learn/count-up');
  const data = await page.locator('.lesson').evaluate((el) => ({ ...el.dataset }));
  return { lessons: data.lessons.split(/[ +]/), extras: data.extras.split(' ') };
}
const solution = (page) => page.locator('.solution pre code').textContent();
const front = (page) => page.locator('.first-go');

test('a learner takes every recap and the bonus shelf: the program fails first, mended it passes, and Next leads on', { timeout: 300_000 }, async () => {
  const page = await visit(browser, site);
  const { extras } = await course(page);
  assert.equal(extras.length, 11);
  for (const id of extras) {
    await page.goto(`/learn/${id}`);
    const isRecap = id.startsWith('mend-');
    assert.match(await page.locator('.lesson-head .meta').innerText(), isRecap ? /^Recap, free to skip/ : /^Bonus, free to skip/);
    assert.match(await run(page), /^Not yet: check \d of \d/, id);
    assert.equal(await page.locator('.next').isVisible(), false);
    assert.match(await run(page, await solution(page)), /^Passed/, id);
    await page.locator('.next a.main').waitFor();
  }
  assert.equal(await page.locator('.next a.main').innerText(), 'Back to the course');
  await page.locator('.next a.main').click();
  await page.waitForURL(/\/learn$/);
  assert.equal(await page.locator('.extra[data-state=passed]').count(), 11);
  assert.equal(await page.locator('.so-far').innerText(), '6 recaps, 5 bonus lessons');
  assert.deepEqual(page.faults, []);
  await page.context().close();
});

visitor('behind the last lesson of a chapter comes the next chapter, and its recap is offered beside it', '/learn/fill-in-the-blanks', async (page) => {
  await run(page, await solution(page));
  assert.equal(await page.locator('.next a.main').innerText(), 'Next: Yes or no');
  assert.equal(await page.locator('.next .hint').innerText(), 'Or first a recap of this chapter, free to skip: Mend the receipt');
  assert.deepEqual(await kept(page, 'learn-next'), { id: 'yes-or-no', number: '6', title: 'Yes or no' });
  await page.goto('/');
  assert.match(await front(page).innerText(), /^Continue: lesson 6\s+Yes or no/);
  await page.goto('/learn/fill-in-the-blanks');
  await page.locator('.walk').getByRole('link', { name: 'Recap Mend the receipt' }).click();
  await page.waitForURL(/mend-the-receipt$/);
  await page.locator('h1').click();
  await page.keyboard.press('n');
  await page.waitForURL(/yes-or-no$/);
  await page.keyboard.press('p');
  await page.waitForURL(/fill-in-the-blanks$/);
  await page.keyboard.press('n');
  await page.waitForURL(/yes-or-no$/);
});

visitor('the map marks recaps apart, counts them apart, and goes on with lessons', '/learn', async (page) => {
  assert.equal(await page.locator('.entry').count(), 32);
  assert.equal(await page.locator('.extra').count(), 11);
  assert.deepEqual(await page.locator('.chapter:not(.bonus) > ol').evaluateAll((lists) => lists.map((list) => list.lastElementChild.className)), Array(6).fill('extra'));
  assert.match(await page.locator('.extra small').first().innerText(), /^Recap, \d min$/);
  const first = await page.locator('.chapter').first().locator('.entry').evaluateAll((all) => all.map((el) => el.dataset.lesson));
  await pass(page, [...first, 'days-between']);
  await page.reload();
  assert.equal(await page.locator('.chapter .of').first().innerText(), '5 of 5');
  assert.equal(await page.locator('.so-far').innerText(), '5 of 32 lessons passed, and besides 1 bonus lesson');
  assert.equal(await page.locator('.continue').innerText(), 'Continue: lesson 6', 'a recap is not led to');
  assert.deepEqual(await sound(page, 'map'), []);
});

visitor('a course is done without its extras: the completion page, the map and the front page say so', '/', async (page) => {
  const { lessons, extras } = await course(page);
  await pass(page, lessons.slice(1));
  await page.goto('/learn/done');
  assert.match(await page.locator('.done-part').innerText(), /1 lesson to go\. Recaps and what is on the bonus shelf do not count/);
  // The lesson that was skipped is the last that is missing.
  await page.goto(`/learn/${lessons[0]}`);
  await run(page, '6 * 7');
  assert.deepEqual(await kept(page, 'learn-next'), { done: 'lessons' });
  await page.goto('/learn/done');
  assert.equal(await page.locator('.done-whole').isVisible(), true);
  await page.goto('/');
  assert.match(await front(page).innerText(), /^More of the course\s+You have passed all its lessons\./);
  assert.equal(await front(page).locator('a').getAttribute('href'), '/learn');
  await front(page).locator('a').click();
  assert.equal(await page.locator('.finished').isVisible(), true);
  assert.equal(await page.locator('.continue').innerText(), 'Continue: recap');
  await pass(page, [...lessons, ...extras]);
  await page.reload();
  assert.equal(await page.locator('.continue').innerText(), 'Begin again with lesson 1');
  await page.goto('/');
  assert.match(await front(page).innerText(), /^Where to go on/);
  await front(page).locator('a').click();
  await page.waitForURL(/\/resources$/);
});

visitor('the last lesson ends the course, and names what there is for who wants more', '/learn/reading-list-keep', async (page) => {
  const { lessons } = await course(page);
  await pass(page, lessons);
  await page.goto('/learn/reading-list-keep');
  await run(page, await solution(page));
  const next = page.locator('.next');
  assert.equal(await next.locator('a.main').innerText(), 'That was the last lesson');
  assert.equal(await next.locator('a.main').getAttribute('href'), '/learn/done');
  assert.equal(await next.locator('.hint').last().innerText(), 'For who wants more: Mend the notes');
  assert.deepEqual(await kept(page, 'learn-next'), { done: 'lessons' });
});

visitor('the front page does not lead to a lesson that is passed by now', '/', async (page) => {
  await pass(page, ['reading-list-keep']);
  await page.evaluate(() => localStorage.setItem('site:learn-next', JSON.stringify({ id: 'reading-list-keep', number: '32', title: 'Reading list: keep it' })));
  await page.reload();
  assert.equal((await front(page).innerText()).trim(), 'Back to the course');
  assert.equal(await front(page).locator('a').getAttribute('href'), '/learn');
});

visitor('a passed lesson that is opened again says that its checks held, until they are run anew', '/learn/give-it-a-name', async (page) => {
  const words = () => page.locator('.checks .word').allInnerTexts();
  await pass(page, ['give-it-a-name']);
  await page.reload();
  await page.locator('.done-mark').waitFor();
  assert.deepEqual(await words(), ['held before', 'held before', 'held before']);
  assert.deepEqual(await sound(page, 'held'), []);
  await page.setViewportSize({ width: 1280, height: 900 });
  await run(page, 'const city = 5;');
  assert.deepEqual(await words(), ['not yet', 'not reached', 'not reached']);
});

visitor('a page of the learner\'s is shown as tall as it is, and grows with it', '/learn/reading-list-keep', async (page) => {
  await run(page, await solution(page));
  const frame = page.locator('.stage iframe'), inside = page.frameLocator('.stage iframe');
  await inside.locator('li').nth(1).waitFor();
  const fits = async (n) => page.waitForFunction(([el, bottom]) => el.clientHeight >= bottom, [await frame.elementHandle(), await inside.locator('li').nth(n).evaluate((li) => li.getBoundingClientRect().bottom)]);
  await fits(1);
  // In the first moment the page gives the focus back that code takes; no person is as quick.
  const add = async (title) => {
    const input = inside.locator('#title');
    do await input.fill(title); while (await input.inputValue() !== title);
    await inside.getByRole('button', { name: 'Add' }).click();
  };
  for (const title of ['One', 'Two', 'Three', 'Four']) await add(title);
  await fits(5);
  for (let i = 0; i < 20; i += 1) await add(`More ${i}`);
  await page.waitForFunction((el) => el.clientHeight === 640, await frame.elementHandle());
});

visitor('a name that is made inside braces is told as such, where it is used and where it is sought', '/learn/yes-or-no', async (page) => {
  const braces = 'if (age >= 18) {\n  const canEnter = true;\n}\n';
  const used = await run(page, `${braces}console.log(canEnter);`);
  assert.match(used, /Line 4: ReferenceError/);
  assert.match(used, /canEnter is made inside braces or a loop, and is known only there/);
  assert.doesNotMatch(used, /spelled/);
  assert.match(await run(page, braces), /canEnter is made inside braces, and only there it is known/);
  assert.match(await run(page, 'console.log(canEntr);\nconst canEnter = true;'), /Is it spelled the same everywhere/);
  await page.goto('/learn/take-a-path');
  const path = "if (hour < 12) {\n  const greeting = 'Good morning';\n}\n";
  assert.match(await run(page, `${path}console.log(greeting);`), /greeting is made inside braces or a loop/);
  assert.match(await run(page, path), /There is no greeting outside the braces/);
  assert.match(await run(page, "let text = '';"), /There is no greeting any more/);
});

visitor('a name is not said to be made inside braces when it is made outside as well, or in a text', '/learn/count-up', async (page) => {
  assert.match(await run(page, 'for (let i = 1; i <= n; i++); {\n  console.log(i);\n}'), /i is made inside braces or a loop/);
  assert.match(await run(page, 'const text = `${"{ let total = 1 }"}`;\nconsole.log(total);'), /There is no total here/);
  assert.match(await run(page, 'console.log(total);\n{ let total = 1; }\nlet total = 2;'), /used before the line that makes it/);
});

visitor('only a text that is new is a try: not the same again, not other spaces, not after the page was loaded anew', '/learn/give-it-a-name', async (page) => {
  const tries = async () => (await kept(page, 'learn')).lessons['give-it-a-name']?.tries ?? 0;
  const offer = page.getByRole('button', { name: 'Show the solution' });
  await run(page);
  assert.equal((await kept(page, 'learn')).lessons['give-it-a-name'], undefined, 'the starter is no try');
  assert.match(await page.locator('.locked').innerText(), /after three different tries/);
  for (const text of ['const town = 1;', 'const  town = 1;\n', 'const town = 2;', 'const town = 1;']) await run(page, text);
  assert.equal(await tries(), 2);
  for (let i = 0; i < 3; i += 1) {
    await page.reload();
    await run(page);
  }
  assert.equal(await tries(), 2);
  assert.equal(await offer.isVisible(), false);
  await run(page, 'const town = 3;');
  assert.equal(await tries(), 3);
  assert.equal(await offer.isVisible(), true);
  assert.equal(await page.locator('.locked').isVisible(), false);
});

visitor('the first minute shows code in its sentences as code, and counts a line that is run again once', '/', async (page) => {
  const line = page.getByLabel('A line of JavaScript'), say = page.locator('#first-say');
  await line.fill('let x = 42');
  await line.press('Enter');
  await say.locator('code').first().waitFor();
  assert.deepEqual(await say.locator('code').allInnerTexts(), ['+', '*']);
  await line.fill('42');
  for (let i = 0; i < 3; i += 1) {
    await line.press('Enter');
    await say.getByText('you did the work yourself').waitFor();
  }
  const told = await say.innerText();
  assert.doesNotMatch(told, /[`<>]|&\w+;/);
  assert.ok((await kept(page, 'learn')).lessons['the-console-answers'].tries === 2);
});

visitor('a draft of a recap is kept like any other', '/learn/mend-the-notes', async (page) => {
  await write(page, '// later');
  await page.waitForFunction(() => localStorage.getItem('site:learn-draft:mend-the-notes'));
  await page.reload();
  assert.equal(await field(page).inputValue(), '// later');
});
