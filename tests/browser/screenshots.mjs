// Takes the README's pictures: `node tests/browser/screenshots.mjs` after `cargo build` writes assets/screenshots/{light,dark}.png.
// With a folder as argument it takes a picture of every kind of page there, for looking at: desktop and phone, light and dark.
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { launch, start, visit } from './site.mjs';

const folder = process.argv[2];
const site = await start('--demo');
const browser = await launch();
try {
  if (folder) await everyPage(folder);
  else await readme(fileURLToPath(new URL('../../assets/screenshots', import.meta.url)));
} finally {
  await browser.close();
  await site.stop();
}

async function readme(target) {
  mkdirSync(target, { recursive: true });
  for (const scheme of ['light', 'dark']) {
    const page = await visit(browser, site, { scheme });
    await page.goto('/');
    await page.screenshot({ path: join(target, `${scheme}.png`) });
    await page.context().close();
  }
}

async function everyPage(target) {
  mkdirSync(target, { recursive: true });
  const first = await visit(browser, site);
  await first.goto('/');
  const story = await first.locator('.story', { hasText: /\d\d comments/ }).locator('a.talk').first().getAttribute('href');
  const user = await first.locator('.story a.user').first().getAttribute('href');
  const paths = ['/', '/newest', '/top/all', '/comments', '/tags', '/t/javascript', '/search', '/search?q=temporal', '/login', '/signup', '/about', '/modlog', '/nothing', story, user];
  for (const size of ['desktop', 'phone']) {
    for (const scheme of ['light', 'dark']) {
      const page = await visit(browser, site, { size, scheme });
      for (const path of paths) {
        await page.goto(path);
        const name = `${path.replace(/[^a-z0-9]+/g, '-').replace(/^-|-$/g, '').slice(0, 30) || 'front'}-${size}-${scheme}.png`;
        await page.screenshot({ path: join(target, name), fullPage: size === 'desktop' && path === story });
      }
      await page.context().close();
    }
  }
}
