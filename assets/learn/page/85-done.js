// The completion page: what this browser says was passed, with the name that the learner types. It proves nothing and says so.
(() => {
  learn.done = (page) => {
    const entries = learn.entries(page.dataset.lessons);
    const name = page.querySelector('#done-name'), shown = page.querySelector('.done-name');
    const day = new Intl.DateTimeFormat(document.documentElement.lang || 'en', { dateStyle: 'long' });

    function draw() {
      const { lessons } = learn.progress.read();
      const done = entries.filter((ids) => ids.every((id) => lessons[id]?.passed));
      const times = done.flat().map((id) => lessons[id].passed);
      const isWhole = done.length === entries.length;
      page.querySelector('.done-whole').hidden = !isWhole;
      page.querySelector('.done-part').hidden = isWhole;
      page.querySelector('.done-left').textContent = learn.count(entries.length - done.length, 'lesson');
      if (isWhole) page.querySelector('.done-date').textContent = day.format(Math.max(...times));
    }
    const write = () => { shown.textContent = name.value.trim() || 'The learner at this computer'; };
    name.value = site.get('learn-name', '');
    name.addEventListener('input', () => { site.set('learn-name', name.value.trim() || null); write(); });
    page.querySelector('.print').addEventListener('click', () => print());
    write();
    draw();
    learn.progress.sync().then(draw);
  };
})();
