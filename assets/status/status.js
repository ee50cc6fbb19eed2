// The status page stays true while it is open: the server sends the parts that have changed, and they are put in place. Nothing
// is asked for while the tab is hidden; after a lost connection it tries again.
(() => {
  const root = document.querySelector('[data-events]'), live = document.getElementById('live');
  if (!root || !live || !window.EventSource) return;
  const parser = new DOMParser();
  let source = null, timer = 0, wait = 1000;

  // Drawn and escaped by the server, as the page itself; parsed apart, where nothing in it can run.
  function put(id, markup) {
    const place = root.querySelector('#' + CSS.escape(id));
    if (place) place.replaceChildren(...parser.parseFromString(markup, 'text/html').body.childNodes);
  }
  const say = (text) => { if (live.textContent !== text) live.textContent = text; };
  function close() {
    clearTimeout(timer);
    source?.close();
    source = null;
  }
  function later() {
    close();
    say('No connection; trying again.');
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
    source.addEventListener('over', () => {
      close();
      say('The session has ended; this is how it was.');
    });
    source.addEventListener('error', later);
  }
  document.addEventListener('visibilitychange', () => {
    if (document.hidden) { close(); say('Paused.'); } else open();
  });
  if (!document.hidden) open();
})();
