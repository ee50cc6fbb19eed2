// Theme: a visitor's .theme button goes auto → light → dark; a member's own setting (data-theme other than auto) is left alone.
(() => {
  const root = document.documentElement, order = ['auto', 'light', 'dark'];
  const names = { auto: 'Colours: as the system', light: 'Colours: light', dark: 'Colours: dark' };
  const button = document.querySelector('.theme');
  if (root.dataset.theme !== 'auto' || root.dataset.me) return;
  function show(theme) {
    root.dataset.theme = theme;
    if (button) { button.title = names[theme]; button.setAttribute('aria-label', names[theme]); }
  }
  const known = () => { const t = site.get('theme', 'auto'); return order.includes(t) ? t : 'auto'; };
  show(known());
  addEventListener('storage', (e) => { if (e.key === 'site:theme') show(known()); });
  button?.addEventListener('click', () => {
    const next = order[(order.indexOf(root.dataset.theme) + 1) % order.length];
    site.set('theme', next === 'auto' ? null : next);
    show(next);
    site.say(names[next]);
  });
})();
