// The first minute, on the front page: lesson 1 as one line to type. Loaded when somebody turns to it.
(() => {
  learn.first = (root) => {
    const line = root.querySelector('.first-in'), say = root.querySelector('.first-say');
    const { lesson: id, bundle, runner: url } = root.dataset;
    let runner = null, data = null;

    async function start() {
      const code = line.value;
      if (!code.trim()) { tell('Type something like 1 + 1, then press Enter.'); return; }
      const parts = [];
      let outcome;
      try {
        data ??= await fetch(bundle, { credentials: 'same-origin' }).then((answer) => answer.json());
        runner ??= learn.runner({ url });
        outcome = await runner.run({ lesson: data, code, onLog: (one) => parts.push(one) });
      } catch { outcome = { state: 'broken' }; }
      if (outcome.state === 'superseded') return;
      if (outcome.state === 'passed') learn.progress.pass(id);
      else if (['failed', 'error', 'stopped'].includes(outcome.state)) learn.progress.fail(id);
      keep(code);
      show(outcome, parts.at(-1) ?? outcome.lines?.at(-1));
    }
    /** The line is lesson 1's text from now on; one that was written there before is kept beside it. */
    function keep(code) {
      const key = learn.progress.draftKey(id), kept = site.get(key, null);
      if (data && kept?.code !== code) site.set(key, { starter: data.starterHash, code, at: Date.now(), before: kept?.code, old: kept?.old });
    }
    function show(outcome, last) {
      const answer = last ? [learn.el('span', { className: 'first-out' }, ...learn.parts(last.parts)), ' '] : [];
      if (outcome.state === 'passed') {
        const on = learn.el('a', { href: root.dataset.next, textContent: 'Lesson 2: ' + root.dataset.nextTitle });
        tell(...answer, 'That is JavaScript. ', on);
        site.set('learn-next', { id: root.dataset.next.split('/').pop(), number: 2, title: root.dataset.nextTitle });
      } else if (outcome.error) tell(outcome.error.friendly || outcome.error.message);
      else if (outcome.state === 'failed') tell(...answer, ...hint(outcome.failure));
      else tell('That did not work. Lesson 1 has a page of its own, too.');
    }
    /** The lesson's own sentence when there is one for this failure; bundles hold it as text with code and emphasis. */
    function hint(failure) {
      const key = failure?.variant ? failure.key + '.' + failure.variant : failure?.key;
      const html = data.sentences?.find(([name]) => name === key)?.[1] ?? failure?.sentence ?? '';
      return [html.replace(/<[^>]*>/g, '').replace(/&lt;/g, '<').replace(/&gt;/g, '>').replace(/&quot;/g, '"').replace(/&#39;/g, "'").replace(/&amp;/g, '&')];
    }
    const tell = (...nodes) => say.replaceChildren(...nodes);

    return start; // 85-first.js calls it whenever the form is sent
  };
})();
