// The first minute, on the front page: lesson 1 as one line to type. Loaded when somebody turns to it (assets/js/85-first.js).
(() => {
  learn.first = (root) => {
    const line = root.querySelector('#first-in'), say = root.querySelector('#first-say');
    const { lesson: id, tally, bundle, runner: url, next, nextTitle } = root.dataset;
    let runner = null, data = null;
    const tried = new Set(); // the same line again is no further try

    /** Runs the line as it stands. */
    async function start() {
      const code = line.value;
      if (!code.trim()) { tell('Type something like 1 + 1, then press Enter.'); return; }
      const lines = [], wasPassed = learn.progress.passed(id);
      let outcome;
      try {
        data ??= await fetch(bundle, { credentials: 'same-origin' }).then((answer) => answer.json());
        runner ??= learn.runner({ url });
        outcome = await runner.run({ lesson: data, code, onLog: (one) => lines.push(one) });
      } catch { outcome = { state: 'broken' }; }
      if (outcome.state === 'superseded') return;
      if (outcome.state === 'passed') passed();
      else if (['failed', 'error', 'stopped'].includes(outcome.state) && !tried.has(code.trim())) failed();
      tried.add(code.trim());
      if (!wasPassed) keep(code);
      show(outcome, lines.at(-1) ?? outcome.lines?.at(-1));
    }
    /** Both are counted as on the lesson's own page. */
    function passed() {
      learn.progress.pass(id);
      for (const word of ['tried', 'passed']) learn.tally.tell(id, tally, word);
      learn.tally.send();
    }
    function failed() {
      learn.progress.fail(id);
      learn.tally.tell(id, tally, 'tried');
    }
    /** The line is lesson 1's text from now on; the one that was written there before is kept beside it, also after more lines. */
    function keep(code) {
      const key = learn.progress.draftKey(id), kept = site.get(key, null);
      if (!data || kept?.code === code) return;
      const starter = data.starterHash, isOther = kept && kept.starter !== starter;
      const old = isOther ? { starter: kept.starter, code: kept.code, old: kept.old } : kept?.old;
      site.set(key, { starter, code, at: Date.now(), before: kept?.before ?? (isOther ? undefined : kept?.code), old });
    }
    function show(outcome, last) {
      const answer = last ? [learn.el('span', { className: 'first-out' }, ...learn.parts(last.parts))] : [];
      const place = outcome.state === 'passed' ? { id: next, number: 2, title: nextTitle } : { id, number: 1, title: data?.title };
      if (data) site.set('learn-next', place);
      if (outcome.state === 'passed') {
        tell(...answer, 'You have written JavaScript. ', learn.el('a', { className: 'button main', href: '/learn/' + next, textContent: 'Lesson 2: ' + nextTitle }));
      } else if (outcome.error) tell(...learn.coded(outcome.error.friendly || outcome.error.message));
      else if (outcome.state === 'failed') tell(...answer, ...hint(outcome.failure));
      else tell('That did not work. Press Enter once more.');
    }
    /** The lesson's own sentence for this failure. The bundle has it as HTML of text, code and emphasis: code stays code, the rest is text. */
    function hint(failure) {
      const own = (key) => data.sentences.find(([name]) => name === key)?.[1];
      const html = own(failure.key + '.' + failure.variant);
      if (html === undefined && failure.sentence) return learn.coded(failure.sentence);
      const signs = { lt: '<', gt: '>', quot: '"', '#39': "'", amp: '&' };
      const plain = (piece) => piece.replace(/<[^>]*>/g, '').replace(/&(lt|gt|quot|#39|amp);/g, (_, name) => signs[name]);
      const pieces = (html ?? own(failure.key) ?? '').split(/<code>|<\/code>/);
      return pieces.map((piece, i) => (i % 2 ? learn.el('code', { textContent: plain(piece) }) : plain(piece)));
    }
    const tell = (...nodes) => say.replaceChildren(...nodes);
    return start;
  };
})();
