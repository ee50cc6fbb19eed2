// A lesson's page: the editor, Run, what came of it, hints, the solution, reset, drafts. Code runs on a press of Run or its
// keys and never otherwise. Never: a learner's text lost, focus moved without being asked.
(() => {
  const { el, button } = learn;
  const triesForSolution = 3;

  learn.lesson = (lesson) => {
    const { lesson: id, mode, starter, tally } = lesson.dataset;
    const tell = (word) => { if (word === 'tried' || word === 'passed' || !learn.progress.passed(id)) learn.tally.tell(id, tally, word); };
    const $ = (selector) => lesson.querySelector(selector);
    const verdict = $('.verdict'), run = $('.run'), goto = $('.to-failure'), offers = $('.offers');
    const starterText = $('textarea').defaultValue;
    const panes = learn.panes(lesson);
    const editor = learn.editor($('.ed'), { tabBox: $('.tab-box'), signs: $('.symbols'), onRun: start, onEdit: edited });
    const output = learn.console($('.con'), goLine);
    const draft = learn.draft({ id, starter, starterText, read: () => editor.text, onOther: offerOther, onFull: offerNothingKept });
    let bundle = null, runner = null, errorLine = 0, isTouched = false;

    /* the text */
    if (draft.text !== null) editor.text = draft.text;
    // A try is a text that was not tried before, spaces apart; what stood here when the page was loaded again is not new.
    const bare = (code) => code.replace(/\s+/g, '');
    const tried = new Set([bare(starterText)]);
    if (learn.progress.tries(id) > 0) tried.add(bare(editor.text));
    function edited() { isTouched = true; errorLine = 0; draft.edited(); showReset(); }
    function swap(text) { draft.replace(text); editor.replace(text); draft.save(); showReset(); }
    const reset = $('.reset'), back = $('.unreset');
    function showReset() {
      reset.disabled = editor.text === starterText;
      back.hidden = draft.before() === null;
    }
    reset.addEventListener('click', () => {
      learn.ask(reset, 'Begin again? Your text is kept.', 'Reset', () => { swap(starterText); say('The text is as it was at first. Yours is kept.'); }, 'Keep mine');
    });
    back.addEventListener('click', () => { const text = draft.before(); if (text !== null) { swap(text); say('Your earlier text is back.'); } });

    function offer(kind, text, ...choices) {
      offers.querySelector('[data-kind="' + kind + '"]')?.remove();
      const box = el('p', { className: 'offer' }, text + ' ');
      box.dataset.kind = kind;
      for (const [label, act] of choices) box.append(button(label, () => { box.remove(); editor.area.focus(); act(); }), ' ');
      offers.append(box);
    }
    function offerOther(there) {
      const take = () => { draft.take(there); editor.replace(there.code); showReset(); };
      if (!isTouched && editor.text === starterText) { draft.take(there); editor.text = there.code; showReset(); return; }
      offer('other', 'There is a newer text of yours, written in another tab or on another device.', ['Take the newer one', take], ['Keep this one', () => {}]);
    }
    function offerNothingKept() {
      offer('full', 'This browser keeps nothing for this site: your text is gone when you leave the page.', ['I see', () => {}]);
    }
    const old = draft.old();
    if (old) offer('old', 'You have a text of an earlier version of this lesson.', ['Take it', () => { draft.settle(); swap(old.code); }], ['Leave it', () => { draft.settle(); showReset(); }]);

    /* running */
    async function load() {
      if (bundle) return bundle;
      const answer = await fetch(lesson.dataset.bundle, { credentials: 'same-origin' });
      if (!answer.ok) throw new Error(String(answer.status));
      bundle = await answer.json();
      return bundle;
    }
    editor.area.addEventListener('focus', () => { load().catch(() => {}); }, { once: true });

    async function start() {
      draft.save();
      const code = editor.text, wasIn = lesson.contains(document.activeElement) && document.activeElement === editor.area;
      clear();
      run.setAttribute('aria-busy', 'true');
      if (panes.isNarrow()) { panes.show('result', wasIn); }
      let outcome;
      try {
        const data = await load();
        runner ??= learn.runner({ url: lesson.dataset.runner, host: $('.stage') ?? document.body, visible: mode === 'document' });
        outcome = await runner.run({ lesson: data, code, onLog: output.add });
      } catch {
        outcome = bundle ? { state: 'broken', checks: [], lines: [] } : { state: 'offline', checks: [], lines: [] };
      }
      if (outcome.state === 'superseded') return;
      run.removeAttribute('aria-busy');
      show(outcome, code);
    }
    function clear() {
      output.clear();
      editor.mark(0);
      errorLine = 0;
      verdict.replaceChildren();
      delete verdict.dataset.state;
      goto.hidden = true;
      $('.con-empty').hidden = true;
      $('.con-of').textContent = '';
    }
    function show(outcome, code) {
      output.clear(); // what was told so far is of the first run; the outcome has the lines of the run that decided
      (outcome.lines ?? []).forEach(output.add);
      $('.con-of').textContent = outcome.failure?.run > 0 ? 'of run ' + (outcome.failure.run + 1) : '';
      $('.stage > .hint')?.remove();
      const list = $('.con');
      list.tabIndex = list.scrollHeight > list.clientHeight ? 0 : -1;
      $('.con-empty').hidden = list.children.length > 0;
      $('.con-empty').textContent = 'Nothing was logged.';
      learn.checks($('.checks'), outcome.checks ?? []);
      const isPass = outcome.state === 'passed', isFail = ['failed', 'error', 'stopped'].includes(outcome.state);
      verdict.dataset.state = isPass ? 'pass' : isFail ? 'fail' : 'none';
      verdict.replaceChildren(...(outcome.state === 'offline' ? offline() : learn.verdict(lesson, outcome)));
      const error = outcome.error;
      if (error?.line > 0) {
        errorLine = error.line;
        editor.mark(errorLine, outcome.state === 'stopped' ? 'stopped' : learn.original(error));
        verdict.append(el('p', {}, button('Go to line ' + errorLine, () => goLine(errorLine, error.col))));
      }
      goto.hidden = !isFail;
      if (isPass) passed(); else if (isFail) failed(code);
    }
    const offline = () => [el('p', { className: 'v-head', textContent: 'No connection' }), el('p', { className: 'v-say', textContent: 'The checks of this lesson could not be loaded. Your text is safe. Press Run once more when there is a connection.' })];
    function say(text) {
      delete verdict.dataset.state;
      verdict.replaceChildren(el('p', { className: 'v-say', textContent: text }));
    }
    function goLine(line, col) { if (panes.isNarrow()) panes.show('code'); editor.go(line, col); }
    goto.addEventListener('click', () => {
      if (panes.isNarrow()) panes.show('result');
      verdict.focus();
      verdict.scrollIntoView({ block: 'nearest' });
    });
    run.addEventListener('click', start);

    /* passing, and not yet */
    const next = $('.next'), mark = $('.done-mark'), unlock = $('.unlock'), locked = $('.locked'), solution = $('.solution');
    function passed() {
      if (!learn.progress.pass(id)) offerNothingKept();
      tell('tried');
      tell('passed');
      learn.tally.send();
      const left = learn.left(lesson.dataset);
      learn.keepPlace(left, left.lessons.length && next.dataset.kind !== 'Bonus' ? next.dataset : undefined);
      marks();
      run.classList.remove('main');
      next.hidden = false;
    }
    function failed(code) {
      run.classList.add('main');
      next.hidden = true;
      if (!tried.has(bare(code))) { learn.progress.fail(id); tell('tried'); }
      tried.add(bare(code));
      marks();
    }
    function marks() {
      const isPassed = learn.progress.passed(id);
      mark.hidden = !isPassed;
      const isOpen = isPassed || solution.dataset.seen !== undefined;
      solution.toggleAttribute('data-open', isOpen);
      unlock.hidden = isOpen || learn.progress.tries(id) < triesForSolution;
      locked.hidden = isOpen || !unlock.hidden;
      if (isPassed) learn.held($('.checks'));
    }
    unlock.querySelector('button').addEventListener('click', (e) => {
      learn.ask(e.currentTarget, 'Look at the solution now?', 'Show it', () => {
        solution.dataset.seen = '';
        solution.open = true;
        marks();
        solution.querySelector('summary').focus();
      }, 'Not yet');
    });

    /* hints come one after another */
    const hints = [...lesson.querySelectorAll('.hint-step')];
    hints.forEach((hint, i) => hint.addEventListener('toggle', () => {
      if (!hint.open) return;
      if (i < 3) tell('hint-' + (i + 1));
      if (hints[i + 1]) hints[i + 1].dataset.open = '';
    }));
    solution.addEventListener('toggle', () => { if (solution.open) tell('solution'); });

    learn.progress.open(id);
    const { number, kind } = lesson.dataset;
    if (!learn.progress.passed(id)) learn.keepPlace(learn.left(lesson.dataset), { id, number, kind, title: $('h1').textContent });
    learn.aboveKeyboard(lesson);
    for (const code of lesson.querySelectorAll('.text pre > code:not(:has(*))')) if (!code.closest('.source')) colour(code);
    if (/Mac|iPhone|iPad/.test(navigator.platform)) for (const key of lesson.querySelectorAll('.mod')) key.textContent = '\u2318';
    addEventListener('storage', (e) => { if (e.key === 'site:learn') marks(); });
    showReset();
    marks();
    learn.progress.sync().then((ids) => { if (ids.includes(id)) draft.look(); marks(); });
    keys(lesson);
  };

  /** Code in the prose, in the colours of the editor. */
  function colour(code) {
    const lines = learn.tokens(code.textContent).flatMap((line, i) => (i ? [{ k: 'p', s: '\n' }, ...line] : line));
    learn.paint(code, lines);
  }

  /** `n` and `p` outside of fields, and what `?` tells of the keys of this page. */
  function keys(lesson) {
    if (document.documentElement.dataset.keys === 'off') return;
    site.keys?.splice(0, Infinity, ['n / p', 'next, previous lesson'], ['Ctrl / Enter', 'run your code'], ['Esc / Tab', 'leave the editor'], ['/', 'search'], ['?', 'this help']);
    document.addEventListener('keydown', (e) => {
      if (e.defaultPrevented || e.ctrlKey || e.metaKey || e.altKey || e.isComposing) return;
      if (e.target.closest('input, textarea, select, [contenteditable], dialog')) return;
      const to = { n: lesson.dataset.next, p: lesson.dataset.prev }[e.key];
      if (to) { e.preventDefault(); location.assign(to); }
    });
  }
})();
