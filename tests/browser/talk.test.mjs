// The talk about a lesson and the directory of resources, as people use them: with a script, without one, on a phone.
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

const axe = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const talk = '/learn/give-it-a-name/talk';
let site, browser, page;
before(async () => {
  [site, browser] = await Promise.all([start('--demo'), launch()]);
  page = await visit(browser, site);
  await join(page, 'talker');
  await page.goto(talk);
  await page.locator('form.write textarea').fill('Why `const`, and not `let`?');
  await page.locator('form.write button.main').click();
  await page.locator('.c .text', { hasText: 'Why const' }).waitFor();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

async function join(page, name) {
  await page.goto('/signup');
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill('a long walk by the sea');
  await page.locator('form button.main').click();
  await page.locator('a[href="/inbox"]').waitFor();
}

const isOpen = (page) => page.locator('details.spoilers').evaluate((talk) => talk.open);

test('solutions are folded for who has not passed the lesson, and open for who has', async () => {
  const other = await visit(browser, site);
  await other.goto(talk);
  assert.equal(await isOpen(other), false);
  assert.equal(await other.locator('.spoilers .text').first().isVisible(), false);
  await other.evaluate(() => {
    const lessons = { 'give-it-a-name': { passed: 1, tries: 1, at: 1 } };
    localStorage.setItem('site:learn', JSON.stringify({ v: 1, lessons }));
  });
  await other.reload();
  assert.equal(await isOpen(other), true);
  await other.goto('/learn/let-it-change/talk');
  assert.equal(await other.locator('details.spoilers').count(), 0);
  assert.deepEqual(other.faults, []);
  await other.context().close();
});

test('what a browser keeps is never trusted to be of a shape', async () => {
  const other = await visit(browser, site);
  await other.goto(talk);
  for (const odd of ['7', '"x"', '[]', '{"lessons":7}', '{"lessons":{"give-it-a-name":null}}']) {
    await other.evaluate((odd) => localStorage.setItem('site:learn', odd), odd);
    await other.reload();
    assert.equal(await isOpen(other), false, odd);
  }
  assert.deepEqual(other.faults, []);
  await other.context().close();
});

test('who comes for one comment finds it open, with and without a script', async () => {
  for (const javaScript of [true, false]) {
    const other = await visit(browser, site, { javaScript });
    const comment = await page.locator('.c').first().getAttribute('id');
    await other.goto(`${talk}?at=${comment.slice(2)}#${comment}`);
    assert.equal(await other.locator('.spoilers .text').first().isVisible(), true);
    await other.context().close();
  }
});

test('a reply opens in place and stands in the thread', async () => {
  await page.goto(talk);
  await page.locator('details.spoilers > summary').click();
  await page.locator('.thread .c a.reply').first().click();
  await page.locator('.reply-here textarea').fill('So that it stays what it is.');
  await page.locator('.reply-here button.main').click();
  await page.locator('.replies .c .text', { hasText: 'So that it stays' }).waitFor();
  assert.equal(new URL(page.url()).pathname, talk);
  await page.goto(talk);
  assert.equal(await page.evaluate(() => Object.keys(JSON.parse(localStorage.getItem('site:drafts') ?? '{}')).length), 0);
});

test('a vote for a resource counts at once, and can be taken back without a script', async () => {
  await page.goto('/resources?format=tool');
  const vote = page.locator('.resource .vote').first();
  await vote.click();
  await page.waitForFunction(() => document.querySelector('.resource .vote').getAttribute('aria-busy') === null);
  assert.equal(await vote.getAttribute('aria-pressed'), 'true');
  assert.equal((await vote.textContent()).trim(), '1');
  const plain = await visit(browser, site, { javaScript: false });
  await plain.context().addCookies(await page.context().cookies());
  await plain.goto('/resources?format=tool');
  await plain.locator('.resource .vote').first().click();
  assert.equal(new URL(plain.url()).search, '?format=tool');
  assert.equal((await plain.locator('.resource .vote').first().textContent()).trim(), '0');
  await plain.context().close();
});

test('a suggestion can be made without a script', async () => {
  const plain = await visit(browser, site, { javaScript: false });
  await plain.context().addCookies(await page.context().cookies());
  await plain.goto('/resources');
  await plain.locator('.suggest a').click();
  await plain.locator('#url').fill('https://suggested.example/');
  await plain.locator('#title').fill('Suggested');
  await plain.locator('#about').fill('It explains one thing and explains it well.');
  for (const [id, word] of [['level', 'beginner'], ['format', 'video'], ['cost', 'free']]) await plain.locator(`#${id}`).selectOption(word);
  await plain.locator('form button.main').click();
  await plain.locator('.rows', { hasText: 'Waits for a moderator' }).waitFor();
  await plain.context().close();
});

test('the pages are accessible, and nothing is wider than a phone', async () => {
  for (const size of ['desktop', 'phone']) {
    for (const scheme of ['light', 'dark']) {
      const other = await visit(browser, site, { size, scheme });
      await other.context().addCookies(await page.context().cookies());
      for (const path of ['/resources', '/resources?format=video&cost=paid', '/resources/suggest', `${talk}?order=newest`, '/learn/let-it-change/talk', '/learn/give-it-a-name/report']) {
        await other.goto(path);
        const { violations } = await other.evaluate(`${axe}; axe.run()`);
        assert.deepEqual(violations.map(({ id, nodes }) => [id, nodes.map(({ html }) => html)]), [], `${path} ${size} ${scheme}`);
        const over = await other.evaluate(() => document.documentElement.scrollWidth - innerWidth);
        assert.ok(over <= 0, `${path} ${size}: ${over} px too wide`);
      }
      assert.deepEqual(other.faults, []);
      await other.context().close();
    }
  }
});
