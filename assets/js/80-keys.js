// Keyboard: j k o c u r q x / ?, a help dialog, menus that close on Escape. Switched off by <html data-keys="off">.
(() => {
  document.addEventListener('click', (e) => {
    for (const menu of document.querySelectorAll('.menu[open]')) if (!menu.contains(e.target)) menu.open = false;
  });
  document.addEventListener('keydown', (e) => {
    const menu = e.key === 'Escape' && document.querySelector('.menu[open]');
    if (menu) { menu.open = false; menu.querySelector('summary').focus(); }
  });
  if (document.documentElement.dataset.keys === 'off') return;

  const keys = [['j / k', 'next, previous'], ['o', 'open the link'], ['c', 'open the comments'], ['u', 'vote up, or take it back'], ['r', 'reply'], ['q', 'quote the selected text'], ['x', 'fold or unfold'], ['/', 'search'], ['?', 'this help']];
  site.keys = keys; // a page with keys of its own says so here
  const shown = (el) => el.getClientRects().length > 0;
  const items = () => [...document.querySelectorAll('main .story, main .full-story, main .c')].filter(shown);
  let at = null;

  function move(step) {
    const all = items();
    if (!all.length) return;
    let i = at && shown(at) ? all.indexOf(at) + step : -1;
    if (!at || !shown(at)) i = Math.max(0, all.findIndex((el) => el.getBoundingClientRect().top >= 0));
    if (i < 0 || i >= all.length) return;
    if (at) delete at.dataset.at;
    at = all[i];
    at.dataset.at = '';
    at.querySelector('.title > a, h1 > a, .by > a')?.focus({ preventScroll: true });
    const calm = matchMedia('(prefers-reduced-motion: reduce)').matches;
    const box = at.getBoundingClientRect();
    if (box.top < 8 || box.top > innerHeight - 120) scrollTo({ top: scrollY + box.top - innerHeight / 5, behavior: calm ? 'auto' : 'smooth' });
  }
  function help() {
    let box = document.getElementById('keys');
    if (!box) {
      box = Object.assign(document.createElement('dialog'), { id: 'keys' });
      box.setAttribute('aria-labelledby', 'keys-h');
      const list = Object.assign(document.createElement('dl'), { className: 'facts' });
      for (const [key, what] of keys) {
        const dt = document.createElement('dt');
        key.split(' / ').forEach((k, i) => dt.append(i ? ' ' : '', Object.assign(document.createElement('kbd'), { textContent: k })));
        list.append(dt, Object.assign(document.createElement('dd'), { textContent: what }));
      }
      const form = Object.assign(document.createElement('form'), { method: 'dialog' });
      form.append(Object.assign(document.createElement('button'), { className: 'button', textContent: 'Close' }));
      box.append(Object.assign(document.createElement('h2'), { id: 'keys-h', textContent: 'Keyboard' }), list, form);
      document.body.append(box);
    }
    if (!box.open) box.showModal();
  }
  const click = (...selectors) => {
    for (const s of selectors) { const el = at?.querySelector(s); if (el) { el.click(); return; } }
  };
  const acts = {
    j: () => move(1), k: () => move(-1), '?': help,
    o: () => click('.title > a', 'h1 > a', '.by > a:has(time)'),
    c: () => (at?.matches('.full-story') ? document.getElementById('comments')?.scrollIntoView() : click('.talk', '.on > a')),
    u: () => click(':scope > button.vote', ':scope > .fold > .acts button.vote', ':scope > .acts button.vote'),
    r: () => (at?.matches('.full-story') ? document.querySelector('form.write textarea')?.focus() : click(':scope > .fold > .acts .reply', ':scope > .acts .reply')),
    q: () => site.quote(),
    x: () => click(':scope > .fold > summary'),
    '/': () => { const box = document.querySelector('main [role=search] input, main input[type=search]'); if (box) box.focus(); else location.assign('/search'); },
  };
  document.addEventListener('keydown', (e) => {
    if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
    if (e.target.closest('input, textarea, select, [contenteditable], dialog')) return;
    const act = acts[e.key];
    if (!act) return;
    e.preventDefault();
    act();
  });
})();
