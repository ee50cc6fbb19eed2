// A member's whole way through the site: sign-up, submit, comment, vote, edit, search, moderate, sign out; with and without
// JavaScript, on a desktop and on a phone.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { command, launch, start, visit } from './site.mjs';

let site, browser;
before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  await command(['--data', site.data, 'admin', 'create', 'keeper'], 'correct horse battery\n');
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

const passphrase = 'a long walk by the sea';

async function signUp(page, name) {
  await page.goto('/');
  await page.locator('a.join').click();
  await page.getByLabel('Name', { exact: false }).first().fill(name);
  await page.locator('input[name=password]').fill(passphrase);
  await page.locator('form button.main').click();
  await page.locator('details.menu summary', { hasText: name }).waitFor();
}

async function signIn(page, name, password) {
  await page.goto('/login');
  await page.locator('input[name=name]').fill(name);
  await page.locator('input[name=password]').fill(password);
  await page.locator('form button.main').click();
  await page.locator('details.menu summary', { hasText: name }).waitFor();
}

async function submitStory(page, title) {
  await page.goto('/submit');
  await page.locator('input[name=title]').fill(title);
  await page.locator('textarea[name=text]').fill('What do *you* think?\n\n```js\nconst answer = 42;\n```');
  await page.locator('input[name=tags][value=ask]').check();
  await page.locator('button[name=preview]').click();
  await page.locator('.preview em').waitFor();
  assert.equal(await page.locator('input[name=title]').inputValue(), title, 'the preview keeps the title');
  await page.locator('form button.main').click();
  await page.locator('.full-story h1', { hasText: title }).waitFor();
  assert.equal(await page.locator('.full-story .hk').first().textContent(), 'const');
}

async function writeComment(page, text) {
  await page.locator('form.write textarea[name=text]').first().fill(text);
  await page.locator('form.write button.main').first().click();
  await page.locator('.c .text', { hasText: text }).first().waitFor();
}

for (const size of ['desktop', 'phone']) {
  for (const javaScript of [true, false]) {
    const kind = `${size}, ${javaScript ? 'with' : 'without'} JavaScript`;
    const id = `${size === 'phone' ? 'p' : 'd'}${javaScript ? 'j' : 'n'}`;

    test(`a member signs up, submits, comments, votes, edits, searches and signs out (${kind})`, async () => {
      const author = await visit(browser, site, { size, javaScript });
      await signUp(author, `author_${id}`);
      const title = `Which loop do you prefer ${id}`;
      await submitStory(author, title);
      const story = new URL(author.url()).pathname;

      const reader = await visit(browser, site, { size, javaScript });
      await signUp(reader, `reader_${id}`);
      await reader.goto(story);
      const vote = reader.locator('.full-story button.vote');
      await vote.click();
      // The script shows the vote before the server has it.
      await reader.locator('.full-story button.vote[aria-pressed=true]:not([aria-busy])', { hasText: '2' }).waitFor();
      await reader.reload();
      await reader.locator('.full-story button.vote[aria-pressed=true]', { hasText: '2' }).waitFor();
      await writeComment(reader, `for...of, always ${id}`);

      await author.goto(story);
      await author.locator('.c a.reply').first().click();
      await writeCommentIn(author, `Even for arrays with holes? ${id}`);
      await author.goto(story);
      assert.equal(await author.locator('.c .replies .c').count(), 1, 'the reply stands below');

      await reader.goto(story);
      await reader.locator('.c .acts a', { hasText: 'edit' }).first().click();
      await reader.locator('textarea[name=text]').fill(`for...of, nearly always ${id}`);
      await reader.locator('form button.main').first().click();
      await reader.locator('.c .text', { hasText: `nearly always ${id}` }).first().waitFor();
      await reader.locator('.c .by', { hasText: 'edited' }).first().waitFor();

      await reader.goto('/search');
      await reader.locator('input[name=q]').fill('prefer loop');
      await reader.locator('form[role=search] button').first().click();
      await reader.locator('.hits', { hasText: title }).waitFor();
      await reader.locator('.hits mark').first().waitFor();

      await signOut(reader);
      await reader.locator('a.join').waitFor();
      assert.deepEqual(author.faults, []);
      assert.deepEqual(reader.faults, []);
      await author.context().close();
      await reader.context().close();
    });

    test(`a flag reaches the moderator, who removes the comment for everybody to see in the log (${kind})`, async () => {
      const troll = await visit(browser, site, { size, javaScript });
      await signUp(troll, `troll_${id}`);
      await submitStory(troll, `A story to be argued over ${id}`);
      const story = new URL(troll.url()).pathname;
      await writeComment(troll, `Nobody here knows anything ${id}`);

      const member = await visit(browser, site, { size, javaScript });
      await signUp(member, `calm_${id}`);
      await member.goto(story);
      await member.locator('.c details.more summary').first().click();
      await member.locator('.c a', { hasText: 'flag' }).first().click();
      await member.locator('input[name=reason][value=unkind]').check();
      await member.locator('form button.main, form button.danger').first().click();

      const keeper = await visit(browser, site, { size, javaScript });
      await signIn(keeper, 'keeper', 'correct horse battery');
      await keeper.goto('/mod');
      const item = keeper.locator('article.case', { hasText: `Nobody here knows anything ${id}` });
      await item.locator('input[name=reason]').first().fill(`Unkind to everybody ${id}`);
      await item.locator('button', { hasText: /remove/i }).first().click();
      await keeper.goto('/modlog');
      await keeper.locator('table.log', { hasText: `Unkind to everybody ${id}` }).waitFor();

      const visitor = await visit(browser, site, { size, javaScript });
      await visitor.goto(story);
      assert.equal(await visitor.getByText(`Nobody here knows anything ${id}`).count(), 0);
      for (const page of [troll, member, keeper, visitor]) {
        assert.deepEqual(page.faults, []);
        await page.context().close();
      }
    });
  }
}

async function writeCommentIn(page, text) {
  const form = page.locator('form.write', { has: page.locator('input[name=parent]:not([value=""])') }).last();
  await form.locator('textarea[name=text]').fill(text);
  await form.locator('button.main').click();
  await page.locator('.c .text', { hasText: text }).first().waitFor();
}

async function signOut(page) {
  await page.locator('details.menu summary').click();
  await page.getByRole('button', { name: 'Sign out' }).click();
}
