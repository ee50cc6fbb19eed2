// The course without a connection: once somebody has been there, its pages, its lessons and its runner are at hand.
import assert from 'node:assert/strict';
import { createServer, request } from 'node:http';
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

/** Waits until the service worker has kept everything, has removed what is old, and serves this page. */
const isInCharge = (page) => page.waitForFunction(() => navigator.serviceWorker.controller, null, { timeout: 60_000 });

/** A page of the course whose service worker has kept everything and is in charge. */
async function learner(at = site) {
  const page = await visit(browser, at);
  await page.goto('/learn');
  await isInCharge(page);
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
  await isInCharge(page);
  const kept = await page.evaluate(async () => {
    const names = await caches.keys();
    const cache = await caches.open(names.find((name) => name.startsWith('learn-')));
    const requests = await cache.keys();
    const map = await (await cache.match('/learn')).text();
    return { names, count: requests.length, isSomebodys: map.includes('data-me'), paths: requests.map((one) => new URL(one.url).pathname) };
  });
  assert.ok(!kept.names.includes('learn-older'), kept.names.join(' '));
  assert.ok(kept.names.includes('other-thing'), 'what others keep is left alone');
  assert.equal(kept.isSomebodys, false);
  assert.ok(kept.count > 60, String(kept.count));
  assert.ok(kept.paths.every((path) => /^\/(learn|assets)(\/|$)/.test(path) && !/progress|talk|report/.test(path)), kept.paths.join(' '));
  await page.context().close();
});

test('a site that has too much to do is asked again, and everything is kept', async () => {
  // In front of the site: what it says when it is too busy, the first time that a lesson is asked for.
  let refused = 0;
  const front = createServer((asked, answer) => {
    if (asked.url === '/learn/count-up' && refused === 0) {
      refused += 1;
      answer.writeHead(503, { 'retry-after': '1' }).end();
      return;
    }
    const { hostname, port } = new URL(site.base);
    const passed = request({ hostname, port, path: asked.url, method: asked.method, headers: asked.headers }, (came) => {
      answer.writeHead(came.statusCode, came.headers);
      came.pipe(answer);
    });
    asked.pipe(passed);
  });
  await new Promise((resolve) => front.listen(0, '127.0.0.1', resolve));
  const page = await learner({ base: `http://127.0.0.1:${front.address().port}` });
  assert.equal(refused, 1);
  const isKept = await page.evaluate(async () => Boolean(await caches.match('/learn/count-up')));
  assert.ok(isKept, 'the lesson that was refused at first');
  await page.context().close();
  front.closeAllConnections();
  await new Promise((resolve) => front.close(resolve));
});
