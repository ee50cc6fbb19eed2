// The console that a learner's code sees: every method of the real one, shown as lines in the lesson.
// Must never: hold a value for later (it is made text at once, as it is now), or write lines without end.

const lineLimits = { shown: 200, kept: 1000 };

/** A console over `write(level, parts, values)`. */
function makeConsole(write) {
  const counts = new keep.Map(), timers = new keep.Map();
  let indent = '';

  function line(level, values) {
    const parts = formatArguments(values);
    write(level, indent ? indented(parts, indent) : parts, values);
  }
  const say = (level, text) => write(level, [part('plain', indent + text)], [text]);
  const group = (...values) => {
    if (values.length) line('log', values);
    if (indent.length < 40) indent += '  ';
  };
  const label = (value) => cut(value === undefined ? 'default' : value, 100);
  const elapsed = (name) => `${name}: ${keep.mapHas(timers, name) ? (keep.now() - keep.mapGet(timers, name)).toFixed(1) : 0} ms`;
  return {
    log: (...values) => line('log', values),
    debug: (...values) => line('log', values),
    info: (...values) => line('info', values),
    warn: (...values) => line('warn', values),
    error: (...values) => line('error', values),
    trace: (...values) => line('log', ['Trace:', ...values]),
    dir: (value) => line('log', [value]),
    dirxml: (...values) => line('log', values),
    assert: (condition, ...values) => { if (!condition) line('error', values.length ? ['Assertion failed:', ...values] : ['Assertion failed']); },
    clear: () => { indent = ''; },
    group, groupCollapsed: group,
    groupEnd: () => { indent = keep.slice(indent, 2); },
    count: (name) => {
      const key = label(name), count = (keep.mapGet(counts, key) ?? 0) + 1;
      counts.set(key, count);
      say('log', `${key}: ${count}`);
    },
    countReset: (name) => { counts.delete(label(name)); },
    time: (name) => { timers.set(label(name), keep.now()); },
    timeLog: (name) => say('log', elapsed(label(name))),
    timeEnd: (name) => {
      say('log', elapsed(label(name)));
      timers.delete(label(name));
    },
    table: (value) => {
      const text = tableText(value);
      if (text === null) line('log', [value]);
      else write('log', indented([part('plain', text)], indent), [value]);
    },
  };
}

/** Arguments as parts: `%s %d %i %f %o %O %c %%` in a first text, the others with a space between. */
function formatArguments(values) {
  const parts = [];
  let at = 0;
  if (typeof values[0] === 'string' && values.length > 1 && keep.find(values[0], '%') >= 0) {
    const format = values[0];
    let from = 0;
    at = 1;
    for (let i = keep.find(format, '%'); i >= 0 && i < format.length - 1; i = keep.find(format, '%', i)) {
      const sign = format[i + 1];
      if (sign !== '%' && (keep.find('sdifoOc', sign) < 0 || at >= values.length)) {
        i += 1;
        continue;
      }
      add(parts, part('plain', cut(keep.slice(format, from, i), valueLimits.size)));
      if (sign === '%') add(parts, part('plain', '%'));
      else addFormatted(parts, sign, values[at++]);
      from = i += 2;
    }
    add(parts, part('plain', cut(keep.slice(format, from), valueLimits.size)));
  }
  for (let i = at; i < values.length && i < at + 50; i += 1) {
    if (i > 0) add(parts, part('plain', ' '));
    const shown = valueParts(values[i]);
    for (let k = 0; k < shown.length; k += 1) add(parts, shown[k]);
  }
  return bounded(parts);
}

function addFormatted(parts, sign, value) {
  if (sign === 'c') return;
  let shown;
  if (sign === 's') shown = typeof value === 'object' || typeof value === 'function' ? valueParts(value) : [part('plain', cut(value))];
  else if (sign === 'o' || sign === 'O') shown = valueParts(value, true);
  else {
    const number = typeof value === 'number' || typeof value === 'string' ? keep.Number(value) : NaN;
    shown = [part('number', `${sign === 'f' || number !== number ? number : number < 0 ? -(-number - (-number % 1)) : number - (number % 1)}`)];
  }
  for (let i = 0; i < shown.length; i += 1) add(parts, shown[i]);
}

/** Parts of one line, no longer than a line may be. */
function bounded(parts) {
  const short = [];
  let left = valueLimits.size;
  for (let i = 0; i < parts.length && left > 0; i += 1) {
    if (parts[i].s === '') continue;
    add(short, part(parts[i].k, cut(parts[i].s, left)));
    left -= parts[i].s.length;
  }
  return short;
}

function indented(parts, indent) {
  if (!indent) return parts;
  const moved = [part('plain', indent)];
  for (let i = 0; i < parts.length; i += 1) {
    let text = '', rest = parts[i].s;
    for (let at = keep.find(rest, '\n'); at >= 0; at = keep.find(rest, '\n')) {
      text += keep.slice(rest, 0, at + 1) + indent;
      rest = keep.slice(rest, at + 1);
    }
    add(moved, part(parts[i].k, text + rest));
  }
  return bounded(moved);
}

/** Rows and columns of `console.table` as one text; null when the value has no rows. */
function tableText(value) {
  try {
    if (typeof value !== 'object' || value === null) return null;
    const rows = keep.names(value).slice(0, 50), columns = ['(index)'], cells = [];
    for (let r = 0; r < rows.length; r += 1) {
      const row = keep.descriptor(value, rows[r]).value, line = { '(index)': rows[r] };
      if (typeof row === 'object' && row !== null) {
        const keys = keep.names(row).slice(0, 20);
        for (let k = 0; k < keys.length; k += 1) {
          if (columns.indexOf(keys[k]) < 0) add(columns, keys[k]);
          line[keys[k]] = cut(partsText(valueParts(keep.descriptor(row, keys[k]).value, true)), 60);
        }
      } else {
        if (columns.indexOf('Values') < 0) add(columns, 'Values');
        line.Values = cut(partsText(valueParts(row, true)), 60);
      }
      add(cells, line);
    }
    if (!rows.length) return null;
    const widths = columns.map((name) => cells.reduce((most, line) => Math.max(most, (line[name] ?? '').length), name.length));
    const text = (line) => columns.map((name, i) => (line ? line[name] ?? '' : name).padEnd(widths[i])).join(' | ').trimEnd();
    return [text(null), widths.map((width) => '-'.repeat(width)).join(' | '), ...cells.map(text)].join('\n');
  } catch {
    return null;
  }
}
