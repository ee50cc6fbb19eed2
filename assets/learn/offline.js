// The service worker of the course: its pages, lessons and files are there without a connection. Two lines stand above
// these when it is served: `build`, the hash of what it keeps, and `kept`, the list of it.
//
// Pages come from the network first, hashed files from what is kept first. Pages are kept as everybody gets them, fetched
// without cookies. Never: an answer to one person in what is kept, a request that is not a GET, an address outside of the
// course but the files that its pages load. The frame in which code runs is not served by workers: it comes from the
// browser's own cache, under its immutable address, once a page has had it as a frame (page/88-offline.js). It stands in
// `kept` so that another runner is another build.
const cacheName = 'learn-' + build;
const files = new Set(kept.files);
const pages = new Set(kept.pages);
const atOnce = 4;
/** How often one thing is asked for again, and the longest wait before that, in seconds. */
const tries = 5;
const longest = 10;

/** Fetches one thing as everybody gets it, and keeps it. A site that has too much to do says when to come again. */
async function keep(cache, path) {
  for (let left = tries; ; left -= 1) {
    const answer = await fetch(path, { credentials: 'omit', redirect: 'error' });
    if (answer.ok) return cache.put(path, answer);
    if (answer.status !== 503 || left === 0) throw new Error(path + ': ' + answer.status);
    const seconds = Number(answer.headers.get('retry-after')) || 1;
    await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, longest) * 1000));
  }
}

/** Fetches all that is kept, a few at once; what an older build has of the same hashed files is taken from it. */
async function install() {
  const cache = await caches.open(cacheName);
  const waiting = [...kept.pages, ...kept.files];
  const next = async () => {
    for (let path = waiting.shift(); path; path = waiting.shift()) {
      const old = files.has(path) && await caches.match(path, { ignoreVary: true });
      if (old) await cache.put(path, old); else await keep(cache, path);
    }
  };
  await Promise.all(Array.from({ length: atOnce }, next));
  await self.skipWaiting();
}

async function activate() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith('learn-') && name !== cacheName).map((name) => caches.delete(name)));
  await self.clients.claim();
}

const fromCache = async (path) => (await caches.open(cacheName)).match(path, { ignoreVary: true });

/** A page: from the network; kept as it was when the network or the site fails; the map when there is nothing else. */
async function page(request, path) {
  try {
    const answer = await fetch(request);
    if (answer.status < 500) return answer;
    return await fromCache(path) ?? answer;
  } catch (error) {
    const found = await fromCache(path) ?? await fromCache('/learn');
    if (found) return found;
    throw error;
  }
}

const file = async (request, path) => await fromCache(path) ?? fetch(request);

self.addEventListener('install', (e) => e.waitUntil(install()));
self.addEventListener('activate', (e) => e.waitUntil(activate()));
self.addEventListener('fetch', (e) => {
  const { request } = e;
  const url = new URL(request.url);
  if (request.method !== 'GET' || url.origin !== location.origin) return;
  if (request.mode === 'navigate') {
    if (request.destination === 'document' && (pages.has(url.pathname) || url.pathname.startsWith('/learn'))) e.respondWith(page(request, url.pathname));
  } else if (files.has(url.pathname)) {
    e.respondWith(file(request, url.pathname));
  }
});
