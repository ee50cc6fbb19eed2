// On a narrow screen a lesson is three tabs: Read, Code, Result. On a wide one all three are in view and nothing is a tab.
// And what keeps Run above the keyboard of a phone.
(() => {
  const names = ['read', 'code', 'result'];

  /** The tabs of `lesson`: `show(name)`, and whether they are in use. */
  learn.panes = (lesson) => {
    const bar = lesson.querySelector('.panes');
    const narrow = matchMedia('(max-width: 49.99rem)');
    const tab = (name) => bar.querySelector('[data-tab="' + name + '"]');
    const pane = (name) => lesson.querySelector('.pane.' + name);

    function show(name, isFocused = false) {
      lesson.dataset.pane = name;
      for (const one of names) {
        tab(one).setAttribute('aria-selected', String(one === name));
        tab(one).tabIndex = one === name ? 0 : -1;
      }
      if (isFocused) tab(name).focus();
    }
    /** Roles only where they are true. */
    function fit() {
      for (const name of names) {
        const el = pane(name);
        if (narrow.matches) { el.setAttribute('role', 'tabpanel'); el.setAttribute('aria-labelledby', tab(name).id); }
        else { el.removeAttribute('role'); el.removeAttribute('aria-labelledby'); }
      }
    }
    bar.addEventListener('click', (e) => {
      const name = e.target.closest('[data-tab]')?.dataset.tab;
      if (!name) return;
      show(name);
      scrollTo({ top: Math.min(scrollY, bar.offsetTop) });
    });
    bar.addEventListener('keydown', (e) => {
      const i = names.indexOf(lesson.dataset.pane);
      const to = { ArrowRight: (i + 1) % 3, ArrowLeft: (i + 2) % 3, Home: 0, End: 2 }[e.key];
      if (to === undefined) return;
      e.preventDefault();
      show(names[to], true);
    });
    narrow.addEventListener('change', fit);
    fit();
    show(lesson.dataset.pane);
    return { show, isNarrow: () => narrow.matches };
  };

  /** Keeps `--keyboard` at the height that a touch keyboard covers of the page. */
  learn.aboveKeyboard = (lesson) => {
    const view = window.visualViewport;
    if (!view) return;
    const fit = () => {
      const covered = Math.max(0, Math.round(innerHeight - view.height - view.offsetTop));
      lesson.style.setProperty('--keyboard', (view.scale > 1.01 ? 0 : covered) + 'px');
    };
    view.addEventListener('resize', fit);
    view.addEventListener('scroll', fit);
    fit();
  };
})();
