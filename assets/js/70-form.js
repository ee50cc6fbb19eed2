// Forms: Ctrl/Cmd+Enter sends, a counter on [data-count], one press sends once, duplicates and title on the submit page.
(() => {
  document.addEventListener('keydown', (e) => {
    if (e.key !== 'Enter' || !(e.ctrlKey || e.metaKey) || e.target.tagName !== 'TEXTAREA') return;
    e.preventDefault();
    e.target.form?.requestSubmit(e.target.form.querySelector('.button.main'));
  });
  document.addEventListener('submit', (e) => {
    const form = e.target;
    if (form.id === 'act' || e.defaultPrevented) return;
    if (form.dataset.sent) { e.preventDefault(); return; }
    form.dataset.sent = '1';
    setTimeout(() => { delete form.dataset.sent; }, 4000);
  });
  addEventListener('pageshow', () => { for (const f of document.querySelectorAll('form[data-sent]')) delete f.dataset.sent; });

  for (const el of document.querySelectorAll('[data-count][maxlength]')) {
    const out = Object.assign(document.createElement('p'), { className: 'hint count' });
    (document.getElementById('h-' + el.id) || el).after(out);
    const show = () => {
      const left = el.maxLength - el.value.length;
      out.textContent = el.value ? el.value.length + ' / ' + el.maxLength : '\u00a0';
      out.classList.toggle('over', left < 0);
    };
    el.addEventListener('input', show);
    show();
  }

  const form = document.querySelector('form[data-check]');
  const url = form?.elements.url, box = form?.querySelector('[data-dupes]');
  if (!url || !box) return;
  let timer, asked = '';
  function show(stories) {
    box.replaceChildren();
    if (!stories.length) return;
    const notice = Object.assign(document.createElement('div'), { className: 'notice warn' });
    const head = document.createElement('p'), list = document.createElement('ul');
    head.append(Object.assign(document.createElement('strong'), { textContent: 'Posted before.' }), ' You may join that discussion instead:');
    for (const s of stories.slice(0, 5)) {
      const link = Object.assign(document.createElement('a'), { textContent: s.title });
      link.href = new URL(s.path, location.origin).pathname;
      const days = Math.floor(s.age_ms / 864e5);
      const age = days < 1 ? 'today' : days === 1 ? 'yesterday' : days + ' days ago';
      const item = document.createElement('li');
      item.append(link, ', ' + age + ', ' + s.comments + (s.comments === 1 ? ' comment' : ' comments'));
      list.append(item);
    }
    notice.append(head, list);
    box.append(notice);
  }
  async function check() {
    const value = url.value.trim();
    if (value === asked) return;
    asked = value;
    if (!/^https?:\/\/[^/\s]+\.[^/\s]/i.test(value)) { box.replaceChildren(); return; }
    try {
      const answer = await fetch(form.dataset.check + '?url=' + encodeURIComponent(value), { headers: { Accept: 'application/json' } });
      const body = await answer.json();
      if (asked === value && answer.ok) show(body.stories || []);
    } catch { /* the server checks again before it posts */ }
  }
  url.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(check, 400); });
  if (url.value && !box.children.length) check();

  const fetcher = form.querySelector('[data-fetch-title]'), title = form.elements.title;
  fetcher?.addEventListener('click', async (e) => {
    e.preventDefault();
    if (!url.value.trim()) { url.focus(); return; }
    if (fetcher.hasAttribute('aria-busy')) return;
    fetcher.setAttribute('aria-busy', 'true');
    try {
      const got = await site.post(fetcher.dataset.fetchTitle, { url: url.value.trim() });
      title.value = got.title || '';
      title.dispatchEvent(new Event('input', { bubbles: true }));
      title.focus();
    } catch (err) { site.say(err.message); }
    fetcher.removeAttribute('aria-busy');
  });
})();
