// Relative times: "3 hours ago" for every <time datetime>, the absolute text moves to the title. Kept fresh while the page is open.
(() => {
  const lang = document.documentElement.lang || 'en';
  const relative = new Intl.RelativeTimeFormat(lang, { numeric: 'auto' });
  const day = new Intl.DateTimeFormat(lang, { day: 'numeric', month: 'short', year: 'numeric' });
  const full = new Intl.DateTimeFormat(lang, { dateStyle: 'full', timeStyle: 'short' });
  const steps = [[60, 'second', 1], [3600, 'minute', 60], [86400, 'hour', 3600], [2592000, 'day', 86400]];

  function words(then, now) {
    const past = (now - then) / 1000, size = Math.abs(past);
    if (size < 45) return relative.format(0, 'second');
    for (const [limit, unit, seconds] of steps) {
      if (size < limit) return relative.format(-Math.trunc(past / seconds), unit);
    }
    return day.format(then);
  }
  function refresh() {
    const now = Date.now();
    for (const el of document.querySelectorAll('time[datetime]')) {
      const then = Date.parse(el.dateTime);
      if (Number.isNaN(then)) continue;
      if (!el.title) el.title = full.format(then);
      const text = words(then, now);
      if (el.textContent !== text) el.textContent = text;
    }
  }
  document.documentElement.dataset.js = '';
  refresh();
  setInterval(() => { if (!document.hidden) refresh(); }, 60000);
})();
