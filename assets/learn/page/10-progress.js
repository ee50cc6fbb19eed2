// What a learner has done, kept in this browser (`site:learn`), and with the account when somebody is signed in.
//
// `learn` = { v: 1, lessons: { id: { passed: ms|null, tries, at } }, open: id }; `learn-unsent` = ids that the account does not
// have yet. A pass is what this browser says: it earns nothing. Never: a pass or a draft taken away by a merge.
(() => {
  const most = 20 * 1024; // the account's limit for a draft, in bytes
  const atOnce = 10; // lessons in one parcel, which may hold 256 KB
  const isRecord = (x) => typeof x === 'object' && x !== null && !Array.isArray(x);
  const isId = (id) => /^[a-z0-9-]{1,64}$/.test(id);
  const ms = (x) => (Number.isFinite(x) && x > 0 ? Math.min(x, Date.now()) : 0);
  const entry = (x) => ({ passed: ms(x?.passed) || null, tries: Math.max(0, Math.trunc(Number(x?.tries)) || 0), at: ms(x?.at) });

  function read() {
    const kept = site.get('learn', {});
    const lessons = {};
    if (isRecord(kept.lessons)) for (const [id, x] of Object.entries(kept.lessons)) if (isId(id)) lessons[id] = entry(x);
    return { v: 1, lessons, open: typeof kept.open === 'string' && isId(kept.open) ? kept.open : null };
  }
  const of = (all, id) => (all.lessons[id] ??= entry());

  /** Changes what is kept of one lesson, and remembers that the account does not know of it. */
  function change(id, act) {
    const all = read();
    act(of(all, id), all);
    all.lessons[id].at = Date.now();
    if (!site.set('learn', all)) return false;
    unsent(id);
    return true;
  }
  function unsent(id) {
    const ids = site.get('learn-unsent', []);
    if (!ids.includes(id)) site.set('learn-unsent', [...ids, id].slice(-200));
  }

  const draftKey = (id) => 'learn-draft:' + id;
  const draft = (x) => (isRecord(x) && typeof x.code === 'string' && ms(x.at) ? { starter: String(x.starter ?? ''), code: x.code, at: ms(x.at) } : null);

  /** Every draft in this browser. */
  function drafts() {
    const found = {};
    try {
      for (const key of Object.keys(localStorage)) {
        const id = key.startsWith('site:learn-draft:') ? key.slice(17) : '';
        const kept = isId(id) && draft(site.get(draftKey(id), null));
        if (kept) found[id] = kept;
      }
    } catch { /* storage is forbidden: there are none */ }
    return found;
  }

  /** Adds what another place knows: earliest pass, most tries, newest draft. Answers the ids whose draft changed. */
  function merge(other) {
    const all = read();
    const changed = [];
    for (const [id, x] of Object.entries(isRecord(other?.lessons) ? other.lessons : {})) {
      if (!isId(id)) continue;
      const mine = of(all, id), theirs = entry(x);
      mine.passed = mine.passed && theirs.passed ? Math.min(mine.passed, theirs.passed) : mine.passed ?? theirs.passed;
      mine.tries = Math.max(mine.tries, theirs.tries);
      mine.at = Math.max(mine.at, theirs.at);
    }
    site.set('learn', all);
    for (const [id, x] of Object.entries(isRecord(other?.drafts) ? other.drafts : {})) {
      const theirs = draft(x), kept = site.get(draftKey(id), null);
      if (!isId(id) || !theirs || (kept && ms(kept.at) >= theirs.at) || kept?.code === theirs.code) continue;
      site.set(draftKey(id), { ...theirs, before: kept?.code, old: kept?.old });
      changed.push(id);
    }
    return changed;
  }

  /** What of `ids` the account should have. */
  function parcel(ids) {
    const all = read(), written = drafts();
    const pick = (from) => Object.fromEntries(ids.filter((id) => from[id]).map((id) => [id, from[id]]));
    const kept = pick(written);
    for (const id of Object.keys(kept)) if (new Blob([kept[id].code]).size > most) delete kept[id];
    return { v: 1, lessons: pick(all.lessons), drafts: kept };
  }

  const signedIn = () => Boolean(document.documentElement.dataset.me);
  let sending = false;

  /** Sends what the account does not have. Without a connection it waits for the next page or for the connection. */
  async function send() {
    const ids = site.get('learn-unsent', []).slice(0, atOnce);
    if (!signedIn() || sending || !ids.length || navigator.onLine === false) return;
    sending = true;
    try {
      const body = JSON.stringify(parcel(ids));
      const answer = await fetch('/learn/progress', {
        method: 'POST', body, credentials: 'same-origin', keepalive: body.length < 60000,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      });
      if (answer.ok || [400, 413, 422].includes(answer.status)) { // taken, or such that it never will be
        const since = site.get('learn-unsent', []).filter((id) => !ids.includes(id) || changedSince.has(id));
        site.set('learn-unsent', since.length ? since : null);
        if (since.length) soon();
      }
    } catch { /* offline: later */ }
    changedSince.clear();
    sending = false;
  }
  const changedSince = new Set(); // changed while a parcel was on its way
  const soon = learn.later(send, 3000);

  /** Fetches what the account has and merges it; then sends what it lacks. Answers the ids whose draft changed here. */
  async function sync() {
    if (!signedIn()) return [];
    let changed = [];
    try {
      const answer = await fetch('/learn/progress', { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      if (!answer.ok) return [];
      const theirs = await answer.json();
      changed = merge(theirs);
      const all = read(), written = drafts();
      for (const [id, mine] of Object.entries(all.lessons)) {
        const known = theirs.lessons?.[id];
        if (!known || (mine.passed && !known.passed) || mine.tries > known.tries) unsent(id);
      }
      for (const [id, mine] of Object.entries(written)) if (!(ms(theirs.drafts?.[id]?.at) >= mine.at)) unsent(id);
      await send();
    } catch { /* offline: later */ }
    return changed;
  }
  addEventListener('online', () => { sync(); });
  learn.leaving(() => soon.flush());

  learn.progress = {
    read, merge, drafts, sync, draftKey,
    passed: (id) => Boolean(read().lessons[id]?.passed),
    tries: (id) => read().lessons[id]?.tries ?? 0,
    /** Whether it could be kept. */
    pass(id) { const kept = change(id, (x) => { x.passed ??= Date.now(); }); touched(id); send(); return kept; },
    fail(id) { const kept = change(id, (x) => { x.tries += 1; }); touched(id); soon(); return kept; },
    open(id) { const all = read(); all.open = id; site.set('learn', all); },
    wrote(id) { unsent(id); touched(id); soon(); },
    all: () => ({ ...read(), drafts: drafts() }),
  };
  function touched(id) { if (sending) changedSince.add(id); }
})();
