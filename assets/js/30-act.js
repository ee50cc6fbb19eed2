// Votes, save, hide without leaving the page: shown at once, put back if the server says no. Other #act buttons stay plain posts.
(() => {
  const number = /\d[\d,.\u00a0\u202f]*/;
  const count = (el) => Number((el.textContent.match(/-?\d+/g) || ['0']).join(''));

  function paint(button, on, score) {
    const [, stem, verb] = button.getAttribute('formaction').match(/^(.*\/)(?:un)?(vote|save)$/);
    button.setAttribute('formaction', stem + (on ? 'un' : '') + verb);
    button.setAttribute('aria-pressed', String(on));
    if (verb === 'vote' && score !== undefined && button.textContent.trim() !== '') {
      button.textContent = score.toLocaleString(document.documentElement.lang || 'en');
      const label = button.getAttribute('aria-label') || '';
      if (number.test(label)) button.setAttribute('aria-label', label.replace(/-?\d[\d,.\u00a0\u202f]*/, button.textContent));
    }
  }
  async function toggle(button) {
    const was = button.getAttribute('aria-pressed') === 'true', url = button.getAttribute('formaction');
    const vote = button.classList.contains('vote'), before = vote ? count(button) : undefined;
    button.setAttribute('aria-busy', 'true');
    paint(button, !was, vote ? before + (was ? -1 : 1) : undefined);
    try {
      const got = await site.post(url, {});
      paint(button, got.voted ?? got.saved ?? !was, vote ? got.score : undefined);
    } catch (e) {
      paint(button, was, before);
      site.say(e.message);
    }
    button.removeAttribute('aria-busy');
  }
  async function hide(button) {
    const item = button.closest('.story');
    if (!item || item.parentElement?.tagName !== 'OL') return false;
    const next = item.nextElementSibling || item.previousElementSibling;
    item.hidden = true;
    next?.querySelector('a')?.focus({ preventScroll: true });
    try {
      await site.post(button.getAttribute('formaction'), {});
      site.say('Hidden. You find it again under “Hidden”.');
    } catch (e) {
      item.hidden = false;
      site.say(e.message);
    }
    return true;
  }
  document.addEventListener('click', (e) => {
    const button = e.target.closest?.('button[form="act"][formaction]');
    if (!button || !window.fetch) return;
    const verb = button.getAttribute('formaction').split('/').pop();
    if (/^(un)?(vote|save)$/.test(verb)) {
      e.preventDefault();
      if (!button.hasAttribute('aria-busy')) toggle(button);
    } else if (verb === 'hide' && button.closest('ol > .story')) {
      e.preventDefault();
      hide(button);
    }
  });
})();
