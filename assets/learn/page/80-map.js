// The map of the course: marks on what is passed, the way on, and progress as a file to take along or to bring back.
(() => {
  learn.map = (map) => {
    const steps = [...map.querySelectorAll('[data-lesson]')];
    const go = map.querySelector('.continue'), so = map.querySelector('.so-far');
    const goal = learn.goal(map);

    function draw() {
      const { lessons, open } = learn.progress.read();
      const isPassed = (step) => Boolean(lessons[step.dataset.lesson]?.passed);
      for (const step of steps) mark(step, isPassed(step) ? 'passed' : lessons[step.dataset.lesson]?.tries ? 'begun' : '');
      for (const project of map.querySelectorAll('.project')) {
        const inside = [...project.querySelectorAll('[data-lesson]')];
        mark(project, inside.every(isPassed) ? 'passed' : inside.some(isPassed) ? 'begun' : '');
      }
      for (const chapter of map.querySelectorAll('.chapter:not(.bonus)')) {
        const all = [...chapter.querySelectorAll('.entry')], done = all.filter((one) => one.dataset.state === 'passed');
        chapter.querySelector('.of').textContent = done.length ? done.length + ' of ' + all.length : '';
        chapter.toggleAttribute('data-whole', done.length === all.length);
      }
      const entries = [...map.querySelectorAll('.entry')], done = entries.filter((one) => one.dataset.state === 'passed').length;
      so.textContent = [done ? done + ' of ' + entries.length + ' lessons passed' : '', besides(isPassed)].filter(Boolean).join(', and besides ');
      lead(isPassed, open, done === entries.length);
      goal();
    }
    function mark(el, state) {
      el.dataset.state = state;
      el.querySelector('.said').textContent = { passed: ' (passed)', begun: ' (begun)' }[state] ?? '';
    }
    /** What was passed beyond the lessons that count: "2 recaps, 1 bonus lesson". */
    function besides(isPassed) {
      const count = (kind, noun) => {
        const n = steps.filter((step) => step.dataset.kind === kind && isPassed(step)).length;
        return n ? learn.count(n, noun) : '';
      };
      return [count('Recap', 'recap'), count('Bonus', 'bonus lesson')].filter(Boolean).join(', ');
    }
    /**
     * "Continue" leads to what was open last, or, when that is passed, to the next lesson that is not. A recap is led to only
     * when it was open last, or when all that counts is passed.
     */
    function lead(isPassed, open, isWhole) {
      map.querySelector('.finished').hidden = !isWhole;
      if (!Object.keys(learn.progress.read().lessons).length && !open) return;
      const at = Math.max(0, steps.findIndex((step) => step.dataset.lesson === open));
      const from = [...steps.slice(at), ...steps.slice(0, at)];
      const next = from.find((step) => !isPassed(step) && (isWhole || !step.dataset.kind || step.dataset.lesson === open));
      const to = next ?? steps[0], { lesson: id, number, kind, title } = to.dataset;
      go.href = to.querySelector('a').href;
      go.textContent = next ? 'Continue: ' + (kind ? kind.toLowerCase() : 'lesson ' + number) : 'Begin again with lesson 1';
      go.classList.toggle('main', Boolean(next));
      map.querySelector('.continue-title').textContent = next ? title : '';
      const left = (isExtra) => steps.filter((step) => Boolean(step.dataset.kind) === isExtra && !isPassed(step)).map((step) => step.dataset.lesson);
      learn.keepPlace({ lessons: left(false), extras: left(true) }, isWhole ? undefined : { id, number, kind, title });
    }

    map.querySelector('.export').addEventListener('click', () => {
      const text = JSON.stringify({ kind: 'learn-progress', saved: new Date().toISOString(), ...learn.progress.all() }, null, 1);
      const url = URL.createObjectURL(new Blob([text], { type: 'application/json' }));
      learn.el('a', { href: url, download: 'learn-progress-' + new Date().toISOString().slice(0, 10) + '.json' }).click();
      setTimeout(() => URL.revokeObjectURL(url), 10000);
    });
    const file = map.querySelector('.import');
    map.querySelector('.import-go').addEventListener('click', () => file.click());
    file.addEventListener('change', async () => {
      const picked = file.files[0];
      if (!picked) return;
      try {
        if (picked.size > 5e6) throw new Error('large');
        const kept = JSON.parse(await picked.text());
        if (kept?.v !== 1 || typeof kept.lessons !== 'object') throw new Error('other');
        learn.progress.merge(kept);
        learn.progress.sync();
        site.say('Your progress from the file is here. Nothing was taken away.');
      } catch { site.say('This file holds no progress of this course. Nothing was changed.'); }
      file.value = '';
      draw();
    });

    draw();
    addEventListener('storage', (e) => { if (e.key === 'site:learn') draw(); });
    addEventListener('pageshow', (e) => { if (e.persisted) draw(); });
    learn.progress.sync().then(draw);
  };
})();
