// The course without a connection: once somebody has been there, its pages, its lessons and its runner are at hand.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

let site, browser;
before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** A page of the course whose service worker has kept everything and is in charge. */
async function learner(at = site) {
  const page = await visit(browser, at);
  await page.goto('/learn');
  await page.evaluate(async () => {
    await navigator.serviceWorker.ready;
    if (!navigator.serviceWorker.controller) await new Promise((resolve) => navigator.serviceWorker.addEventListener('controllerchange', resolve));
  });
  // The runner's frame has been there once, out of sight.
  await page.waitForFunction(() => /runner-[0-9a-f]{12}/.test(localStorage.getItem('site:learn-runner') ?? ''));
  return page;
}

test('a lesson that was never opened is read and run without a connection', async () => {
  // The site goes: Playwright's own "offline" leaves service workers their connection.
  const own = await start();
  const page = await learner(own);
  await own.stop();
  await page.goto('/learn/give-it-a-name');
  assert.equal(await page.locator('h1').first().textContent(), 'Give it a name');
  await page.locator('.lesson textarea').first().fill("const city = 'Oslo';\nconsole.log(city);");
  await page.locator('.lesson .run').first().click();
  await page.locator('.verdict[data-state=pass]').waitFor();
  await page.goto('/learn/done');
  assert.match(page.url(), /\/learn\/done$/);
  const away = await page.goto('/learn/no-such-lesson');
  assert.equal(away.status(), 200);
  assert.ok(await page.locator('.course-map').count(), 'the map stands in for what is not kept');
  await page.context().close();
});

test('with a connection pages come from the site', async () => {
  const page = await learner();
  const missing = await page.goto('/learn/no-such-lesson');
  assert.equal(missing.status(), 404);
  const answer = await page.goto('/learn/count-up');
  assert.equal(answer.status(), 200);
  assert.equal(answer.headers()['cache-control'], 'no-cache');
  await page.context().close();
});

test('what is kept is as everybody gets it, and nothing of an older build stays', async () => {
  const page = await visit(browser, site);
  await page.goto('/signup');
  await page.locator('input[name=name]').fill('ada');
  await page.locator('input[name=password]').fill('correct horse battery');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
  await page.evaluate(() => caches.open('learn-older').then((cache) => cache.put('/learn', new Response('old'))));
  await page.evaluate(() => caches.open('other-thing'));
  await page.goto('/learn');
  await page.evaluate(() => navigator.serviceWorker.ready);
  await page.waitForFunction(async () => {
    const names = await caches.keys();
    return !names.includes('learn-older') && names.some((name) => name.startsWith('learn-'));
  });
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const cache = await caches.open(names.find((name) => name.startsWith('learn-')));
    const requests = await cache.keys();
    const map = await (await cache.match('/learn')).text();
    return { names, count: requests.length, isSomebodys: map.includes('data-me'), paths: requests.map((one) => new URL(one.url).pathname) };
  });
  assert.ok(kept.names.includes('other-thing'), 'what others keep is left alone');
  assert.equal(kept.isSomebodys, false);
  assert.ok(kept.count > 60, String(kept.count));
  assert.ok(kept.paths.every((path) => /^\/(learn|assets)(\/|$)/.test(path) && !/progress|talk|report/.test(path)), kept.paths.join(' '));
  await page.context().close();
});
