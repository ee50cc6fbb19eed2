// Errors of a learner's code as data: kind, name, message, line, column and a friendly explanation.
// Must never: throw, or show an address of the runner's own (blob: addresses mean nothing to a learner).

/** Where the learner's files are: `[{ url, name, edits, lines }]`; filled before the code runs. */
const sources = [];

/** The first place in a stack (or `url:line:col`) that is in a learner's file: `{ line, col, at, text }` or null. */
function placeIn(stack) {
  if (typeof stack !== 'string') return null;
  let best = null, bestAt = Infinity;
  for (let i = 0; i < sources.length; i += 1) {
    const at = keep.find(stack, `${sources[i].url}:`);
    if (at < 0 || at >= bestAt) continue;
    const found = keep.match(/^(\d+)(?::(\d+))?/, keep.slice(stack, at + sources[i].url.length + 1, at + sources[i].url.length + 20));
    if (!found) continue;
    bestAt = at;
    const line = +found[1], col = found[2] ? originalColumn(sources[i].edits, line, +found[2]) : null;
    best = { line, col, at, text: sources[i].lines[line - 1] ?? '', code: sources[i].lines };
  }
  return best;
}

/** Whether an error began in the learner's code and not in the checks (whose file is `url`). */
function isLearners(error, url) {
  if (typeof error !== 'object' || error === null) return true;
  const stack = stackOf(error), place = placeIn(stack);
  if (!url || typeof stack !== 'string') return true;
  const own = keep.find(stack, url);
  return place ? own < 0 || place.at < own : own < 0;
}

function stackOf(error) {
  try {
    const stack = dataOf(error, 'stack');
    if (stack !== undefined) return stack;
    return isA(error, keep.errorPrototype) || isA(error, keep.domExceptionPrototype ?? keep.errorPrototype) ? error.stack : undefined;
  } catch {
    return undefined;
  }
}

/** What was thrown, as data. `place` is used where the error itself knows no line. */
function fault(kind, error, place = null) {
  const isError = typeof error === 'object' && error !== null && (isA(error, keep.errorPrototype) || (keep.domExceptionPrototype && isA(error, keep.domExceptionPrototype)));
  let name = '', message;
  if (isError) {
    const text = errorText(error), colon = keep.find(text, ': ');
    name = colon > 0 ? keep.slice(text, 0, colon) : text;
    message = colon > 0 ? keep.slice(text, colon + 2) : '';
  } else message = cut(partsText(valueParts(error)));
  const at = (isError && placeIn(stackOf(error))) || place;
  return faultOf(kind, name, message, at);
}

function faultOf(kind, name, message, place) {
  const clean = cut(withoutAddresses(message), 1500);
  return { kind, name: cut(name, 60), message: clean, line: place?.line ?? null, col: place?.col ?? null, friendly: nameTrouble(name, clean, place) ?? friendly(kind, name, clean) };
}

function withoutAddresses(message) {
  let text = keep.String(message);
  for (let i = 0; i < sources.length; i += 1) {
    for (let at = keep.find(text, sources[i].url); at >= 0; at = keep.find(text, sources[i].url)) {
      text = keep.slice(text, 0, at) + './' + sources[i].name + keep.slice(text, at + sources[i].url.length);
    }
  }
  return text;
}

/** The sentences of the limits. */
const limitWords = {
  loop: (line) => `Your code ran for 2 seconds without finishing.${line ? ` Look at the loop on line ${line}.` : ''}`,
  total: (line) => `Your code was still busy after 5 seconds, so it was stopped.${line ? ` Look at the loop on line ${line}.` : ''}`,
  output: (line) => `Your code wrote more than 1,000 lines to the console, so it was stopped.${line ? ` Look at line ${line}.` : ''}`,
};
function limitFault(kind, message, line = null) {
  return { kind, name: '', message, line, col: null, friendly: null };
}
