// What a learner has done, kept in this browser (`site:learn`), and with the account when somebody is signed in.
//
// `learn` = { v: 1, lessons: { id: { passed: ms|null, tries, at } }, open: id, openAt: ms, goal: lessons a week (0: none),
// goalAt: ms }; `learn-unsent` = ids of which the account does not know all yet, `.` for what is of no lesson; `learn-left` =
// { id: at }, what it did not take; `learn-owner` = the member whose all this is. What is another member's is kept for them as
// `learn-of:NAME:…`. A visitor goes on with what is there: it stays its owner's.
// A pass is what this browser says: it earns nothing. Never: a pass or a draft taken away by a merge, or given to another member.
(() => {
  const most = 20 * 1024; // the account's limit for a draft, in bytes
  const mostParcel = 200 * 1024; // a parcel may hold 256 KB
  const mostTries = 100000;
  const reserved = ['data', 'done', 'progress']; // as in src/domain/lesson.rs
  let atOnce = 10; // lessons in one parcel
  const isRecord = (x) => typeof x === 'object' && x !== null && !Array.isArray(x);
  const isId = (id) => /^[a-z0-9][a-z0-9-]{1,38}[a-z0-9]$/.test(id) && !reserved.includes(id);
  const ms = (x) => (Number.isFinite(x) && x > 0 ? Math.min(Math.trunc(x), Date.now()) : 0);
  const tries = (x) => Math.min(mostTries, Math.max(0, Math.trunc(Number(x)) || 0));
  const mostGoal = 10;
  const ofNone = '.'; // among ids: what is of no lesson
  const entry = (x) => ({ passed: ms(x?.passed) || null, tries: tries(x?.tries), at: ms(x?.at) });

  /* whose it is */
  const me = document.documentElement.dataset.me || null;
  const whose = me ?? site.get('learn-owner', null); // the learner of this page, also when somebody else signs in meanwhile
  const keys = ['learn', 'learn-unsent', 'learn-left', 'learn-next', 'learn-name'];
  const aside = (owner, key) => 'learn-of:' + owner + ':' + key;
  /** Where this page's learner has `key` now. */
  function place(key) {
    const owner = site.get('learn-owner', null);
    return !whose || !owner || owner === whose ? key : aside(whose, key);
  }
  const get = (key, otherwise) => site.get(place(key), otherwise);
  const set = (key, value) => site.set(place(key), value);
  function move(from, to) {
    const text = localStorage.getItem('site:' + from);
    if (text === null || localStorage.getItem('site:' + to) !== null) return;
    localStorage.removeItem('site:' + from); // first: there may not be room for both
    try { localStorage.setItem('site:' + to, text); } catch (e) { localStorage.setItem('site:' + from, text); throw e; }
  }
  /** What is another member's is put aside, what was put aside of this one comes back. What is nobody's is this one's now. */
  function own() {
    const owner = site.get('learn-owner', null);
    if (!me || owner === me) return;
    try {
      const names = Object.keys(localStorage).filter((key) => key.startsWith('site:')).map((key) => key.slice(5));
      const mine = aside(me, '');
      if (owner) for (const key of names) if (keys.includes(key) || key.startsWith('learn-draft:')) move(key, aside(owner, key));
      for (const key of names) if (key.startsWith(mine)) move(key, key.slice(mine.length));
      site.set('learn-owner', me);
    } catch { /* no room: what is there stays its owner's, and this page has a place of its own */ }
  }
  own();

  function read() {
    const kept = get('learn', {});
    const lessons = {};
    if (isRecord(kept.lessons)) for (const [id, x] of Object.entries(kept.lessons)) if (isId(id)) lessons[id] = entry(x);
    return { v: 1, lessons, ...said(kept) };
  }
  /** What is said of no lesson in particular: the lesson that was open last, the weekly goal, each with when. */
  function said(x) {
    const isOpen = typeof x?.open === 'string' && isId(x.open);
    const isGoal = Number.isInteger(x?.goal) && x.goal >= 0 && x.goal <= mostGoal && ms(x.goalAt) > 0;
    return { open: isOpen ? x.open : null, openAt: isOpen ? ms(x.openAt) : 0, goal: isGoal ? x.goal : 0, goalAt: isGoal ? ms(x.goalAt) : 0 };
  }
  /** Takes over the later word. What the account says too is dated as there. */
  function mergeSaid(all, other, isAccount) {
    const theirs = said(other);
    for (const [what, at] of [['open', 'openAt'], ['goal', 'goalAt']]) {
      if (theirs[at] > all[at]) [all[what], all[at]] = [theirs[what], theirs[at]];
      else if (isAccount && theirs[at] && theirs[what] === all[what]) all[at] = theirs[at];
    }
    all.open ??= theirs.open; // a file of an earlier form does not say when
  }
  const of = (all, id) => (all.lessons[id] ??= entry());

  /** Changes what is kept of one lesson, and remembers that the account does not know of it. */
  function change(id, act) {
    const all = read();
    act(of(all, id), all);
    all.lessons[id].at = Date.now();
    if (!set('learn', all)) return false;
    unsent(id);
    return true;
  }
  function unsent(id) {
    const ids = get('learn-unsent', []);
    if (!ids.includes(id)) set('learn-unsent', [...ids, id].slice(-200));
  }

  const draftKey = (id) => place('learn-draft:' + id);
  const draft = (x) => (isRecord(x) && typeof x.code === 'string' && ms(x.at) ? { starter: String(x.starter ?? ''), code: x.code, at: ms(x.at) } : null);

  /** Every draft in this browser. */
  function drafts() {
    const found = {}, start = 'site:' + draftKey('');
    try {
      for (const key of Object.keys(localStorage)) {
        const id = key.startsWith(start) ? key.slice(start.length) : '';
        const kept = isId(id) && draft(site.get(draftKey(id), null));
        if (kept) found[id] = kept;
      }
    } catch { /* storage is forbidden: there are none */ }
    return found;
  }

  const unsettled = (old) => (old && !old.settled ? old : undefined);

  /**
   * Two texts of one lesson; `null`: nothing changes. The newer stands, and has the other as `before`, or as `old` when that is
   * of another version of the lesson. A text that the account has too is dated as there: a fast clock makes nothing new for ever.
   */
  function joined(kept, theirs, isAccount) {
    if (!kept) return theirs;
    const isSame = kept.starter === theirs.starter, isNewer = theirs.at > ms(kept.at);
    if (kept.code === theirs.code) {
      if (isSame) return isAccount && kept.at !== theirs.at ? { ...kept, at: theirs.at } : null;
      return isNewer ? { ...kept, starter: theirs.starter, at: theirs.at } : null;
    }
    if (isSame) return isNewer ? { ...theirs, before: kept.code, old: kept.old } : null;
    if (!isNewer) {
      if (kept.old?.code === theirs.code || kept.before === theirs.code) return null;
      return { ...kept, old: { starter: theirs.starter, code: theirs.code, old: unsettled(kept.old) } };
    }
    const isBack = kept.old?.starter === theirs.starter && kept.old.code !== theirs.code;
    const older = isBack ? kept.old.old : unsettled(kept.old);
    return { ...theirs, before: isBack ? kept.old.code : kept.before, old: { starter: kept.starter, code: kept.code, old: older } };
  }

  /** Adds what another place knows: earliest pass, most tries, newest draft. Answers the ids whose draft changed. */
  function merge(other, isAccount = false) {
    mergeLessons(other, isAccount);
    const changed = [];
    for (const [id, x] of Object.entries(isRecord(other?.drafts) ? other.drafts : {})) {
      const theirs = draft(x), there = get('learn-draft:' + id, null);
      if (!isId(id) || !theirs) continue;
      const kept = isRecord(there) && typeof there.code === 'string' ? there : null;
      const next = joined(kept, theirs, isAccount);
      if (next && set('learn-draft:' + id, next) && next.code !== kept?.code) changed.push(id);
    }
    return changed;
  }
  function mergeLessons(other, isAccount) {
    const all = read();
    mergeSaid(all, other, isAccount);
    for (const [id, x] of Object.entries(isRecord(other?.lessons) ? other.lessons : {})) {
      if (!isId(id)) continue;
      const mine = of(all, id), theirs = entry(x);
      mine.passed = mine.passed && theirs.passed ? Math.min(mine.passed, theirs.passed) : mine.passed ?? theirs.passed;
      mine.tries = Math.max(mine.tries, theirs.tries);
      mine.at = Math.max(mine.at, theirs.at);
    }
    set('learn', all);
  }

  const bytes = (text) => new Blob([text]).size;
  const whole = (code) => code.toWellFormed?.() ?? code; // half a sign is no JSON to the account

  /** What the account should have of the first of `ids`: as much as goes into one parcel. */
  function parcel(ids) {
    const all = read(), written = drafts(), inside = [];
    const { lessons: _, ...rest } = all, told = { ...rest, lessons: {}, drafts: {} };
    let size = 0;
    for (const id of ids) {
      const text = written[id] && bytes(written[id].code) <= most ? { ...written[id], code: whole(written[id].code) } : null;
      size += text ? bytes(JSON.stringify(text)) : 0;
      if (inside.length && size > mostParcel) break;
      inside.push(id);
      if (all.lessons[id]) told.lessons[id] = all.lessons[id];
      if (text) told.drafts[id] = text;
    }
    return { ids: inside, told };
  }

  /** When a lesson was changed last in this browser. */
  const lastOf = (id, all, written) => Math.max(all.lessons[id]?.at ?? 0, written[id]?.at ?? 0);
  /** Remembers what the account did not take, so that it is not sent again before it changes; takes over its dates. */
  function answered(ids, told, known) {
    const all = read(), written = drafts(), left = get('learn-left', {});
    for (const id of ids) {
      const isTaken = (!all.lessons[id] || known.lessons?.[id]) && (!written[id] || known.drafts?.[id]);
      if (isTaken) delete left[id]; else left[id] = lastOf(id, all, written);
      const sent = told.drafts[id], theirs = known.drafts?.[id];
      if (sent && theirs?.code === sent.code && theirs.starter === sent.starter && written[id]?.at === sent.at) {
        set('learn-draft:' + id, { ...get('learn-draft:' + id, {}), at: ms(theirs.at) });
      }
    }
    set('learn-left', Object.keys(left).length ? left : null);
    mergeLessons(known, true);
  }

  /** Whether what is here is the account's of who is signed in. */
  const signedIn = () => Boolean(me) && site.get('learn-owner', null) === me;
  const address = '/learn/progress?of=' + encodeURIComponent(me ?? '');
  let sending = false;

  /** Sends what the account does not have. Without a connection it waits for the next page or for the connection. */
  async function send() {
    const { ids, told } = parcel(get('learn-unsent', []).slice(0, atOnce));
    if (!signedIn() || sending || !ids.length || navigator.onLine === false) return;
    sending = true;
    try {
      const body = JSON.stringify(told);
      const answer = await fetch(address, {
        method: 'POST', body, credentials: 'same-origin', keepalive: body.length < 60000,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      });
      const isRefused = [400, 413, 422].includes(answer.status);
      if (isRefused && ids.length > 1) { // one of them never will be taken: the others are
        atOnce = 1;
        soon();
      } else if (answer.ok || isRefused) {
        answered(ids, told, answer.ok ? await answer.json() : {});
        const since = get('learn-unsent', []).filter((id) => !ids.includes(id) || changedSince.has(id));
        set('learn-unsent', since.length ? since : null);
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
      const answer = await fetch(address, { credentials: 'same-origin', headers: { Accept: 'application/json' } });
      if (!answer.ok) return [];
      const theirs = await answer.json();
      changed = merge(theirs, true);
      const all = read(), written = drafts(), left = get('learn-left', {});
      const lacks = (id) => { if (!(left[id] >= lastOf(id, all, written))) unsent(id); };
      for (const [id, mine] of Object.entries(all.lessons)) {
        const known = theirs.lessons?.[id];
        if (!known || (mine.passed && !known.passed) || mine.tries > known.tries) lacks(id);
      }
      if (all.openAt > ms(theirs.openAt) || all.goalAt > ms(theirs.goalAt)) unsent(ofNone);
      for (const [id, mine] of Object.entries(written)) if (!(ms(theirs.drafts?.[id]?.at) >= mine.at)) lacks(id);
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
    open(id) { say({ open: id, openAt: Date.now() }); },
    /** So many lessons a week; 0: no goal. */
    aim(goal) { say({ goal, goalAt: Date.now() }); },
    wrote(id) { unsent(id); touched(id); soon(); },
    all: () => ({ ...read(), drafts: drafts() }),
  };
  function say(what) { if (set('learn', { ...read(), ...what })) { unsent(ofNone); touched(ofNone); soon(); } }
  function touched(id) { if (sending) changedSince.add(id); }
})();
