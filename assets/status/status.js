// The status page stays true while it is open: the server sends the parts that have changed, and they are put in place. Nothing
// is asked for while the tab is hidden; after a lost connection it tries again, unless the session has ended meanwhile.
(() => {
  const root = document.querySelector('[data-events]'), live = document.getElementById('live');
  if (!root || !live || !window.EventSource) return;
  const parser = new DOMParser();
  let source = null, timer = 0, wait = 1000, turn = 0;

  // Drawn and escaped by the server, as the page itself; parsed apart, where nothing in it can run.
  function put(id, markup) {
    const place = root.querySelector('#' + CSS.escape(id));
    if (place) place.replaceChildren(...parser.parseFromString(markup, 'text/html').body.childNodes);
  }
  const say = (text) => { if (live.textContent !== text) live.textContent = text; };
  function close() {
    turn++;
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  function over() {
    close();
    say('The session has ended; this is how it was. ');
    const link = document.createElement('a');
    link.href = '/login?next=' + encodeURIComponent(location.pathname);
    link.textContent = 'Sign in';
    live.append(link, '.');
  }
  // An EventSource does not tell a refusal from a lost connection; the status of another request does.
  async function lost() {
    close();
    say('No connection; trying again.');
    const mine = turn, once = { method: 'HEAD', cache: 'no-store', signal: AbortSignal.timeout(10000) };
    const answer = await fetch(root.dataset.events, once).catch(() => null);
    // Hidden or opened meanwhile.
    if (turn !== mine) return;
    if ([401, 403, 404].includes(answer?.status)) { over(); return; }
    timer = setTimeout(open, wait);
    wait = Math.min(wait * 2, 30000);
  }
  function open() {
    close();
    source = new EventSource(root.dataset.events);
    source.addEventListener('message', (e) => {
      wait = 1000;
      say('Live.');
      for (const [id, markup] of Object.entries(JSON.parse(e.data))) put(id, markup);
    });
    source.addEventListener('over', over);
    source.addEventListener('error', lost);
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { close(); say('Paused.'); } else open();
  });
  if (!document.hidden) open();
})();
