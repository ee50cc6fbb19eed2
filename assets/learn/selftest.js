// Runs the whole matrix of a list of lessons in a page and posts the result: starters fail with a check, solutions pass, typical
// wrong answers meet their sentence, code blocks give the outputs that the prose shows.
// Must never: be part of a page that people use. The page gives `<main id="selftest" data-runner data-lessons data-report>`:
// addresses of runner.html, of the list (JSON), and where the result is posted (JSON).
learn.selftest = (() => {
  const runnerOf = (url) => learn.runner({ url, host: document.body, visible: false, patience: 4 });
  const waits = (lesson, code) => /\b(?:await|async|setTimeout|Promise|fetch)\b/.test(`${lesson.checks} ${code}`);
  const told = ({ state, error, failure }) => {
    const words = [state];
    if (failure) words.push(`at ${failure.key}${failure.variant ? `.${failure.variant}` : ''}`, failure.expected === null ? '' : `expected ${failure.expected}, actual ${failure.actual}`, failure.given && Object.keys(failure.given).length ? `given ${JSON.stringify(failure.given)}` : '', failure.broken ? `checks.js threw ${failure.broken}` : '');
    if (error) words.push(`${error.name} ${error.message}`, error.line ? `line ${error.line}` : '');
    return words.filter(Boolean).join(', ');
  };
  const lineTexts = ({ lines }) => lines.map(({ parts }) => parts.map(({ s }) => s).join(''));

  /** A run. On a busy machine the limit of time can be met for no fault of the code: then it is run once more. */
  async function attempt(runner, lesson, code, wanted = '') {
    const outcome = await runner.run({ lesson, code });
    return outcome.state === 'stopped' && wanted !== 'stopped' ? runner.run({ lesson, code }) : outcome;
  }

  async function checkLesson(runner, { bundle, solutions = {}, wrong = {}, blocks = [] }) {
    const problems = [];
    const say = (text) => problems.push(text);
    const run = (code, wanted) => attempt(runner, bundle, code, wanted);
    const brokenCheck = (name, outcome) => { if (outcome.failure?.broken) say(`${name}: checks.js threw ${outcome.failure.broken}`); };

    const starter = await run(bundle.starter);
    if (starter.state !== 'failed') say(`starter: must fail with a check, but ${told(starter)}`);
    else if (starter.error) say(`starter: must fail without an error, but ${told(starter)}`);
    brokenCheck('starter', starter);

    for (const [name, code] of Object.entries(solutions)) {
      for (const round of [1, 2]) {
        const limit = waits(bundle, code) ? 2000 : 500;
        let outcome = await run(code);
        if (outcome.state === 'passed' && outcome.ms > limit) outcome = await run(code);
        if (outcome.state !== 'passed') say(`${name}, round ${round}: ${told(outcome)}`);
        else if (outcome.ms > limit) say(`${name}: took ${outcome.ms} ms, ${limit} are allowed`);
        brokenCheck(name, outcome);
        if (outcome.state !== 'passed') break;
      }
    }
    const sentences = new Map(bundle.sentences);
    for (const [name, code] of Object.entries(wrong)) {
      const wanted = /^\/\/ fails: (.+?)\s*$/m.exec(code)?.[1];
      if (!wanted) {
        say(`wrong/${name}: line 1 must be "// fails: KEY"`);
        continue;
      }
      const outcome = await run(code, wanted);
      brokenCheck(`wrong/${name}`, outcome);
      const got = outcomeName(outcome, sentences);
      if (got !== wanted) say(`wrong/${name}: should fail at ${wanted}, but ${told(outcome)}`);
      else if (outcome.failure && !outcome.error && !sentences.get(wanted)) say(`wrong/${name}: there is no sentence for ${wanted}`);
    }
    for (const [index, { code, lines }] of blocks.entries()) await checkBlock(runner, bundle, code, lines, (text) => say(`code block ${index + 1}: ${text}`));
    return { id: bundle.id, problems };
  }

  /** What an outcome is called after "fails:". A variant without a sentence of the lesson is the check itself. */
  function outcomeName({ state, error, failure }, sentences) {
    if (state === 'stopped') return 'stopped';
    if (error) return `error ${error.name}`;
    if (!failure) return state;
    const full = `${failure.key}.${failure.variant}`;
    return failure.variant && sentences.has(full) ? full : failure.key;
  }

  async function checkBlock(runner, bundle, code, wanted, say) {
    const plain = { id: bundle.id, mode: bundle.mode, page: bundle.page, checks: '', sentences: [] };
    const outcome = await attempt(runner, plain, code);
    let got = lineTexts(outcome);
    // In a console each line is one entry: a block of several lines that are shown with their answers is run line by line.
    if (bundle.mode === 'console' && outcome.state === 'ran' && got.length < wanted.length) {
      got = [];
      for (const line of code.split('\n').filter((text) => text.trim() && !/^\s*\/\//.test(text))) got.push(...lineTexts(await attempt(runner, plain, line)));
    }
    if (outcome.state !== 'ran' && !(outcome.error && outcome.error.kind !== 'syntax' && wanted.some((line) => line.includes(outcome.error.name)))) return say(told(outcome));
    if (outcome.error) got.push(`${outcome.error.name}: ${outcome.error.message}`);
    if (wanted.length && JSON.stringify(got) !== JSON.stringify(wanted)) say(`shows ${JSON.stringify(got)}, the prose says ${JSON.stringify(wanted)}`);
    return undefined;
  }

  async function all(url, { lessons }, tell = () => {}) {
    const runner = runnerOf(url), results = [];
    for (const lesson of lessons) {
      let result;
      try {
        result = await checkLesson(runner, lesson);
      } catch (error) {
        result = { id: lesson.bundle?.id ?? '?', problems: [`the self-test itself: ${error.stack ?? error}`] };
      }
      results.push(result);
      tell(result);
    }
    return { ok: results.every(({ problems }) => !problems.length), lessons: results };
  }

  async function main(place) {
    const { runner, lessons, report } = place.dataset;
    let result;
    try {
      result = await all(runner, await (await fetch(lessons)).json(), ({ id, problems }) => {
        const line = document.createElement('p');
        line.textContent = `${id}: ${problems.length ? problems.join(' | ') : 'ok'}`;
        place.append(line);
      });
    } catch (error) {
      result = { ok: false, lessons: [], error: String(error.stack ?? error) };
    }
    place.dataset.result = JSON.stringify(result);
    if (report) await fetch(report, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(result) });
  }
  const place = document.getElementById('selftest');
  if (place) main(place);
  return { all, checkLesson };
})();
