// Hostile text in every field, looked at in a browser with the site's Content-Security-Policy taken away: nothing runs, nothing of
// it becomes an element, nothing is loaded. The escaping has to hold by itself; the policy is only the second wall.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { launch, start, visit } from './site.mjs';

const payloads = [
  '<script>hit()</script>', '"><script>hit()</script>', '\'><svg onload=hit()>', '<img src=x onerror=hit()>', '</title><script>hit()</script>',
  '</textarea><script>hit()</script>', '</style><script>hit()</script>', '<svg><script>hit()</script></svg>', '<math><mtext></p><script>hit()</script>',
  '<iframe srcdoc="<script>parent.hit()</script>">', '<a href="javascript:hit()">x</a>', '<details open ontoggle=hit()>', '<body onpageshow=hit()>',
  '<input autofocus onfocus=hit()>', '<!--><script>hit()</script>-->', '<![CDATA[><script>hit()</script>]]>', '`${hit()}`', '{{hit()}}', '\u003cscript\u003ehit()\u003c/script\u003e',
  '&lt;script&gt;hit()&lt;/script&gt;', '&#60;script&#62;hit()&#60;/script&#62;', '<scr\u0000ipt>hit()</scr\u0000ipt>', '<a href=java&#1;script:hit()>', '\u2028<script>hit()</script>',
  '[x](javascript:hit())', '[x](JaVaScRiPt:hit())', '[x](java\tscript:hit())', '[x](&#106;avascript:hit())', '[x](data:text/html,<script>hit()</script>)', '[x](vbscript:hit())',
  '[x](https://e.example/"onmouseover="hit())', '[x]: javascript:hit()\n\n[x]', '![x](x"onerror="hit())', '<https://e.example/"onclick=hit()>', '<javascript:hit()>',
  '```js\n</code></pre><script>hit()</script>\n```', '    </code></pre><img src=x onerror=hit()>', '# <script>hit()</script>', '> <script>hit()</script>', '- <img src=x onerror=hit()>',
  'https://e.example/<script>hit()</script>', 'https://e.example/" onmouseover="hit()', '<base href="https://e.example/">', '<meta http-equiv=refresh content="0;url=https://e.example">',
  '<form action=https://e.example><button>', '<style>*{background:url(https://e.example)}</style>', '<link rel=stylesheet href=https://e.example>', '<object data=https://e.example>',
];

let site, browser, page;
before(async () => {
  [site, browser] = await Promise.all([start(), launch()]);
  page = await visit(browser, site);
  await page.context().route('**/*', async (route) => {
    if (!route.request().url().startsWith(site.base)) return route.abort();
    const answer = await route.fetch({ maxRedirects: 0 });
    const headers = { ...answer.headers() };
    delete headers['content-security-policy'];
    await route.fulfill({ response: answer, headers });
  });
  await page.addInitScript(() => {
    window.hits = 0;
    window.hit = () => window.hits++;
  });
  await page.goto('/signup');
  await page.locator('input[name=name]').fill('payload');
  await page.locator('input[name=password]').fill('a long walk by the sea');
  await page.locator('form button.main').click();
  await page.locator('details.menu').waitFor();
});
after(async () => {
  await browser?.close();
  await site?.stop();
});

/** Posts a form as the signed-in page would, without walking through the page each time. */
const post = (path, fields) =>
  page.evaluate(async ([path, fields]) => {
    const answer = await fetch(path, { method: 'POST', body: new URLSearchParams(fields), redirect: 'follow' });
    return { status: answer.status, url: answer.url };
  }, [path, fields]);

async function lookAt(path) {
  await page.goto(path);
  await page.evaluate(() => document.querySelectorAll('details').forEach((fold) => (fold.open = true)));
  const report = await page.evaluate(() => ({
    hits: window.hits,
    strange: [...document.querySelectorAll('main :is(script, iframe, object, embed, base, meta, link, style, img, math, [onload], [onerror], [onclick], [onmouseover], [onfocus], [ontoggle])')].map((node) => node.outerHTML.slice(0, 120)),
    links: [...document.querySelectorAll('main a[href]')].map((node) => node.href).filter((href) => !/^(https?|mailto):/.test(href)),
  }));
  assert.deepEqual(report, { hits: 0, strange: [], links: [] }, path);
}

test('hostile text stays text on every page that shows it', async () => {
  const stories = [];
  for (const [n, payload] of payloads.entries()) {
    const made = await post('/submit', { title: `${n} ${payload}`.slice(0, 150), text: payload, tags: 'ask', url: '' });
    assert.ok(made.status < 500, `${payload}: ${made.status}`);
    const id = new URL(made.url).pathname.match(/^\/s\/(\d+)/)?.[1];
    if (id) stories.push(id);
  }
  assert.ok(stories.length > payloads.length * 0.9, `only ${stories.length} stories were taken`);
  for (const payload of payloads) {
    const made = await post(`/s/${stories[0]}/comments`, { text: payload });
    assert.ok(made.status < 500, `${payload}: ${made.status}`);
  }
  await post('/settings', { about: payloads.join('\n\n') });
  for (const path of ['/', '/newest', '/comments', '/u/payload', '/u/payload/stories', '/u/payload/comments', '/t/ask', '/search?q=script', '/search?q=hit']) await lookAt(path);
  for (const id of stories) await lookAt(`/s/${id}`);
});

test('hostile queries and addresses are shown as text, or refused', async () => {
  for (const payload of payloads) {
    const q = encodeURIComponent(payload.replaceAll('\u0000', ''));
    for (const path of [`/search?q=${q}`, `/t/${q}`, `/u/${q}`, `/domain/${q}`, `/${q}`, `/login?next=${q}`, `/signup?invite=${q}`, `/submit?title=${q}&url=${q}&text=${q}`]) {
      await lookAt(path);
    }
  }
});

test('hostile links are refused as the address of a story', async () => {
  for (const url of ['javascript:hit()', ' javascript:hit()', 'java\nscript:hit()', 'data:text/html,<script>hit()</script>', 'vbscript:hit()', 'file:///etc/passwd', 'blob:x', 'https://', 'https://user:pw@e.example/']) {
    const made = await post('/submit', { title: 'A link that is none', url, text: '', tags: 'ask' });
    assert.equal(made.status, 422, url);
  }
});
