// Drafts: whatever is typed into form[data-draft] is kept in this browser until the server has it (html[data-saved]).
(() => {
  const root = document.documentElement, limit = 40, month = 30 * 864e5;
  const drafts = site.get('drafts', {});
  const save = () => site.set('drafts', drafts);
  for (const key of Object.keys(drafts)) if (!(Date.now() - drafts[key].at < month)) delete drafts[key];
  if (root.dataset.saved) delete drafts[root.dataset.saved];
  save();

  const fields = (form) => [...form.elements].filter((el) => el.name && (el.tagName === 'TEXTAREA' || el.type === 'checkbox' || /^(text|url)$/.test(el.type)) && !el.closest('.bot'));
  function read(form) {
    const values = {};
    for (const el of fields(form)) {
      if (el.type !== 'checkbox') { if (el.value) values[el.name] = el.value; }
      else if (el.checked) (values[el.name] ||= []).push(el.value);
    }
    return values;
  }
  const same = (form) => fields(form).every((el) => el.type === 'checkbox' ? el.checked === el.defaultChecked : el.value === el.defaultValue);
  function restore(form) {
    const draft = drafts[form.dataset.draft];
    const filled = fields(form).some((el) => el.type === 'checkbox' ? el.defaultChecked : el.defaultValue);
    if (!draft || filled) return; // what the server sent back is newer
    for (const el of fields(form)) {
      const kept = draft.values[el.name];
      if (el.type === 'checkbox') el.checked = Array.isArray(kept) && kept.includes(el.value);
      else if (typeof kept === 'string') { el.value = kept; el.dispatchEvent(new Event('input', { bubbles: true })); }
    }
    offer(form);
  }
  // says where the text comes from, with a way to be rid of it
  function offer(form) {
    const line = Object.assign(document.createElement('p'), { className: 'hint drafted', textContent: 'What you had begun to write is back. ' });
    const drop = Object.assign(document.createElement('button'), { type: 'button', className: 'link', textContent: 'Start afresh' });
    drop.addEventListener('click', () => {
      line.remove();
      form.reset();
      for (const el of fields(form)) el.dispatchEvent(new Event('input', { bubbles: true }));
      fields(form)[0]?.focus();
    });
    line.append(drop);
    form.prepend(line);
  }
  const timers = new Map();
  function keep(form) {
    const key = form.dataset.draft;
    timers.delete(key);
    const values = read(form);
    if (same(form) || !Object.keys(values).length) delete drafts[key];
    else drafts[key] = { at: Date.now(), values };
    const old = Object.keys(drafts).sort((a, b) => drafts[a].at - drafts[b].at);
    while (old.length > limit) delete drafts[old.shift()];
    save();
  }
  document.addEventListener('input', (e) => {
    const form = e.target.closest?.('form[data-draft]');
    if (!form) return;
    clearTimeout(timers.get(form.dataset.draft)?.timer);
    timers.set(form.dataset.draft, { form, timer: setTimeout(keep, 300, form) });
  });
  const flush = () => { for (const { form, timer } of timers.values()) { clearTimeout(timer); keep(form); } };
  addEventListener('pagehide', flush);
  document.addEventListener('visibilitychange', () => { if (document.hidden) flush(); });
  site.restore = restore;
  for (const form of document.querySelectorAll('form[data-draft]')) restore(form);
})();
