// What the site's sums learn from this browser: that a lesson was tried, passed, that a hint or the solution was shown, each once
// for each version of a lesson. `site:learn-told` = { id: { version, told: [word], sent: [word] } }, of the browser, whoever
// learns on it; `site:learn-uncounted` = true when somebody here does not want it.
// Never: a cookie (`credentials: 'omit'`; a beacon would send it), who it was, when, or a word twice. What is not sure to have
// arrived is not sent again, unless the site said that it was not taken.
(() => {
  const most = 20; // lessons in one message, as in src/domain/tally.rs
  const declines = () => navigator.globalPrivacyControl === true || navigator.doNotTrack === '1';
  const isOn = () => !declines() && site.get('learn-uncounted', false) !== true;
  const isWhole = (one) => typeof one?.version === 'string' && Array.isArray(one.told) && Array.isArray(one.sent);
  /** What is kept; what is odd of it is as good as nothing. */
  const read = () => Object.fromEntries(Object.entries(Object(site.get('learn-told', {}))).filter(([, one]) => isWhole(one)));

  /** Remembers a word of this lesson; it goes with the next message. */
  function tell(id, version, word) {
    if (!version || !isOn()) return;
    const all = read();
    if (all[id]?.version !== version) all[id] = { version, told: [], sent: [] };
    if (all[id].told.includes(word)) return;
    all[id].told.push(word);
    site.set('learn-told', all);
  }

  /** Sends what was not sent. */
  async function send() {
    if (!isOn() || navigator.onLine === false) return;
    const all = read(), lessons = {};
    for (const [id, { version, told, sent }] of Object.entries(all)) {
      const fresh = told.filter((word) => !sent.includes(word));
      if (fresh.length && Object.keys(lessons).length < most) lessons[id] = { version, told: fresh };
    }
    if (!Object.keys(lessons).length) return;
    mark(lessons, (sent, words) => [...sent, ...words]);
    const again = () => mark(lessons, (sent, words) => sent.filter((word) => !words.includes(word)));
    try {
      const answer = await fetch('/learn/progress/tally', {
        method: 'POST', body: JSON.stringify({ v: 1, lessons }), credentials: 'omit', keepalive: true,
        headers: { 'Content-Type': 'application/json', Accept: 'application/json' },
      });
      if (answer.status === 429 || answer.status === 503) again();
    } catch { /* it may have arrived */ }
  }
  function mark(lessons, act) {
    const all = read();
    for (const [id, { version, told }] of Object.entries(lessons)) {
      if (all[id]?.version === version) all[id].sent = act(all[id].sent, told);
    }
    site.set('learn-told', all);
  }
  learn.leaving(send);

  learn.tally = {
    tell, send, declines, isOn,
    /** Whether this browser is counted from now on. What was not sent until then never is. */
    set(on) {
      site.set('learn-uncounted', on ? null : true);
      const all = read();
      for (const one of Object.values(all)) one.sent = one.told;
      site.set('learn-told', all);
    },
  };

  /** The switch on the map. */
  learn.counting = (box) => {
    const input = box.querySelector('.count-me');
    const draw = () => { input.checked = isOn(); };
    input.disabled = declines();
    if (declines()) box.querySelector('.count-why').textContent = 'Your browser asks sites not to keep what you do, so nothing is counted. ';
    input.addEventListener('change', () => learn.tally.set(input.checked));
    addEventListener('storage', (e) => { if (e.key === 'site:learn-uncounted') draw(); });
    draw();
    box.hidden = false;
  };
})();
