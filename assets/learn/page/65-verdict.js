// What came of a run, in words: the one polite live region of a lesson, and the list of checks beside it.
(() => {
  const { el, coded } = learn;
  const word = { pass: 'holds', fail: 'not yet', 'not-reached': 'not reached', held: 'held before' };
  const shown = (value) => value !== undefined && value !== null && value !== '';

  /** A sentence of the lesson, as the server wrote it into the page. */
  function sentence(lesson, key) {
    const found = [...lesson.querySelectorAll('.sentences > [data-key]')].find((one) => one.dataset.key === key);
    return found ? [...found.cloneNode(true).childNodes] : null;
  }
  const written = (value) => {
    if (typeof value === 'string' || Array.isArray(value) && value.every((part) => typeof part?.s === 'string')) return learn.parts(value);
    try { return [JSON.stringify(value) ?? String(value)]; } catch { return [String(value)]; }
  };
  function given(values) {
    if (!values) return null;
    if (typeof values === 'string' || Array.isArray(values)) return values.length ? learn.parts(values) : null;
    const names = Object.keys(values);
    return names.length ? names.flatMap((name, i) => [i ? '\n' : '', name + ' = ', ...written(values[name])]) : null;
  }

  function head(mark, text) {
    return el('p', { className: 'v-head' }, Object.assign(el('span', { className: 'mark ' + mark }), { ariaHidden: 'true' }), text);
  }
  function facts(failure) {
    const rows = [['Given', given(failure.given)], ['Expected', shown(failure.expected) && written(failure.expected)], ['Got', shown(failure.actual) && written(failure.actual)]];
    const list = el('dl', { className: 'v-facts' });
    for (const [name, nodes] of rows) if (nodes) list.append(el('dt', { textContent: name }), el('dd', {}, ...nodes));
    return list.children.length ? [list] : [];
  }
  function failed(lesson, { failure, checks, error }) {
    const at = checks.findIndex((check) => check.state === 'fail') + 1;
    const own = failure.variant && sentence(lesson, failure.key + '.' + failure.variant);
    const told = own ?? (failure.sentence ? coded(failure.sentence) : sentence(lesson, failure.key)) ?? [];
    const lead = own || failure.sentence ? '' : 'This does not hold yet: ';
    return [
      head('fail', at ? 'Not yet: check ' + at + ' of ' + checks.length : 'Not yet'),
      el('p', { className: 'v-say' }, lead, ...told), ...facts(failure),
      ...(error ? fault(error) : []),
    ];
  }
  /** An error in one line, as JavaScript says it. */
  learn.original = (error) => (error.name && !error.message.startsWith(error.name) ? error.name + ': ' : '') + error.message;

  /** What an error means, and what JavaScript called it. */
  function fault(error) {
    const told = error.friendly ? [el('p', { className: 'v-say' }, ...coded(error.friendly))] : [];
    return [...told, el('p', { className: 'v-raw' }, el('code', { textContent: learn.original(error) }))];
  }
  function wrong({ error }, isStop) {
    const where = error.line > 0 ? 'Line ' + error.line + ': ' : '';
    if (isStop) return [head('fail', where + 'stopped'), el('p', { className: 'v-say' }, ...coded(error.friendly || error.message))];
    return [head('fail', where + (error.name || 'error')), ...fault(error)];
  }
  const plain = (mark, text, more) => [head(mark, text), el('p', { className: 'v-say', textContent: more })];

  /** What to say of an outcome, as nodes. */
  learn.verdict = (lesson, outcome) => {
    switch (outcome.state) {
      case 'passed': return plain('pass', 'Passed', ['The check holds.', 'Both checks hold.'][outcome.checks.length - 1] ?? 'All ' + outcome.checks.length + ' checks hold.');
      case 'failed': return outcome.failure ? failed(lesson, outcome) : wrong(outcome, false);
      case 'error': return wrong(outcome, false);
      case 'stopped': return outcome.error ? wrong(outcome, true) : plain('fail', 'Stopped', 'Your code ran for too long. Your text is safe.');
      case 'ran': return plain('none', 'It ran', 'There is nothing to check here.');
      default: return plain('fail', 'That did not work', 'The part of the page that runs code did not answer. Your text is safe. Press Run once more, or load the page again.');
    }
  };

  /** A lesson that was passed before: its checks held then, whatever the text is now. A run says it anew. */
  learn.held = (list) => {
    for (const item of list.children) if (!item.dataset.state) show(item, 'held');
  };
  function show(item, state) {
    item.dataset.state = state;
    item.querySelector('.word').textContent = word[state] ?? '';
  }

  /** The states of the checks, by sign and by word. */
  learn.checks = (list, states) => {
    for (const item of list.children) show(item, states.find((check) => check.key === item.dataset.key)?.state ?? '');
  };
})();
