// One small place for what this browser remembers (theme, folds, drafts). Never throws: storage may be full or forbidden.
const site = {
  get(key, otherwise) {
    try { return JSON.parse(localStorage.getItem('site:' + key)) ?? otherwise; } catch { return otherwise; }
  },
  set(key, value) {
    try {
      if (value === null) localStorage.removeItem('site:' + key);
      else localStorage.setItem('site:' + key, JSON.stringify(value));
      return true;
    } catch { return false; }
  },
  // A message that is shown for some seconds and read out.
  say(text) {
    let live = document.querySelector('.live');
    if (!live) {
      live = document.createElement('div');
      live.className = 'live';
      live.setAttribute('role', 'status');
      document.body.append(live);
    }
    clearTimeout(site.timer);
    live.textContent = '';
    setTimeout(() => { live.textContent = text; }, 50);
    site.timer = setTimeout(() => { live.textContent = ''; }, 6000);
  },
  // POST as a form would; answers the JSON or throws an Error with words for people.
  async post(url, fields) {
    let answer, body = null;
    try {
      answer = await fetch(url, { method: 'POST', body: new URLSearchParams(fields), headers: { Accept: 'application/json' }, credentials: 'same-origin' });
    } catch { throw new Error('No connection. Nothing was changed.'); }
    if (answer.status === 401) {
      location.assign('/login?next=' + encodeURIComponent(location.pathname + location.search));
      return new Promise(() => {});
    }
    try { body = await answer.json(); } catch { /* not JSON */ }
    if (!answer.ok || !body || body.error) throw new Error(body?.error?.message || 'That did not work (' + answer.status + '). Please try again.');
    return body;
  },
};
