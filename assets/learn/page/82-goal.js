// The weekly goal on the map: so many lessons, if somebody wants one. It is part of the progress and goes where that goes.
// Never: a word of what was missed, a count of weeks, a message that was not asked for.
(() => {
  /** The moment at which the week of `now` began, by the calendar of this browser's locale, or on Monday. */
  function weekStart(now) {
    const start = new Date(now);
    start.setHours(0, 0, 0, 0);
    start.setDate(start.getDate() - (start.getDay() - firstDay() + 7) % 7); // over a change of the hour too
    return start.getTime();
  }
  /** 0 is Sunday, as for dates. */
  function firstDay() {
    try {
      const locale = new Intl.Locale(navigator.language);
      return (locale.getWeekInfo?.() ?? locale.weekInfo).firstDay % 7;
    } catch { return 1; }
  }

  /** Answers with what draws the goal anew. */
  learn.goal = (map) => {
    const box = map.querySelector('.goal-set'), line = map.querySelector('.goal-line'), select = box.querySelector('select');
    const ids = [...map.querySelectorAll('[data-lesson]')].map((step) => step.dataset.lesson);
    function draw() {
      const { lessons, goal } = learn.progress.read(), since = weekStart(Date.now());
      const done = ids.filter((id) => lessons[id]?.passed >= since).length;
      line.hidden = !goal;
      line.textContent = !goal ? '' : done > goal ? done + ' this week, ' + goal + ' planned' : done + ' of ' + goal + ' this week';
      select.value = String(goal);
    }
    select.addEventListener('change', () => { learn.progress.aim(Number(select.value)); draw(); });
    document.addEventListener('visibilitychange', () => { if (!document.hidden) draw(); }); // another day, perhaps
    box.hidden = false;
    return draw;
  };
})();
