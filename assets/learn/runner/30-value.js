// Values as text, for the console and for "expected / actual": parts `{ k, s }` that the page colours.
// Must never: call a getter or a method of the value, throw, or take long (depth, count and size are bounded).

const valueLimits = { depth: 3, items: 100, width: 72, size: 2000 };

/** The parts of one value; a text at the top is bare unless `quoted`. */
function valueParts(value, quoted = false) {
  if (typeof value === 'string' && !quoted) return [part('plain', cut(value, valueLimits.size))];
  const budget = { left: valueLimits.size };
  return inspect(value, 0, [], budget);
}

/** A value as one text, as it would stand inside another. */
function valueText(value) {
  return cut(partsText(valueParts(value, true)));
}

function partsText(parts) {
  let text = '';
  for (let i = 0; i < parts.length; i += 1) text += parts[i].s;
  return text;
}

function part(k, s) {
  return { k, s };
}

function inspect(value, depth, above, budget) {
  let parts;
  try {
    parts = budget.left <= 0 ? [part('plain', '…')] : inspectAny(value, depth, above, budget);
  } catch {
    parts = [part('plain', '[a value that cannot be shown]')];
  }
  for (let i = 0; i < parts.length; i += 1) if (!parts[i].counted) {
    budget.left -= parts[i].s.length;
    keep.define(parts[i], 'counted', { value: true });
  }
  return parts;
}

function inspectAny(value, depth, above, budget) {
  switch (typeof value) {
    case 'string': return [part('string', quote(cut(value, budget.left)))];
    case 'number': return [part('number', keep.is(value, -0) ? '-0' : `${value}`)];
    case 'bigint': return [part('number', `${value}n`)];
    case 'boolean': case 'undefined': return [part('keyword', `${value}`)];
    case 'symbol': return [part('plain', cut(keep.symbolText(value), 200))];
    case 'function': return [part('plain', functionText(value))];
    default: return value === null ? [part('keyword', 'null')] : inspectObject(value, depth, above, budget);
  }
}

function quote(text) {
  const json = keep.stringify(text);
  return json === undefined ? '""' : json;
}

function functionText(fn) {
  const source = cut(keep.sourceOf(fn), 200);
  const own = dataOf(fn, 'name');
  const name = typeof own === 'string' ? cut(own, 60) : '';
  if (keep.find(source, 'class') === 0 && !isPartOfName(keep.code(source, 5))) {
    const parent = keep.prototype(fn);
    const parentName = typeof parent === 'function' && parent !== keep.functionPrototype ? dataOf(parent, 'name') : '';
    return `[class ${name || '(anonymous)'}${parentName ? ` extends ${cut(parentName, 60)}` : ''}]`;
  }
  const kind = keep.find(source, 'async') === 0 ? 'AsyncFunction' : 'Function';
  return `[${kind}${name ? `: ${name}` : ' (anonymous)'}]`;
}

function isPartOfName(code) {
  return (code > 47 && code < 58) || (code > 64 && code < 91) || (code > 96 && code < 123) || code === 95 || code === 36;
}

/** What a property holds if it is plain data, here or above; never a getter's answer. */
function dataOf(object, key) {
  for (let at = object, steps = 0; at !== null && at !== undefined && steps < 50; at = keep.prototype(at), steps += 1) {
    const found = keep.descriptor(at, key);
    if (found) return found.value;
  }
  return undefined;
}

function isA(object, prototype) {
  for (let at = keep.prototype(object), steps = 0; at !== null && steps < 50; at = keep.prototype(at), steps += 1) if (at === prototype) return true;
  return false;
}

/** Asks a built-in that answers only for its own kind; undefined otherwise. */
function ask(method, object) {
  try { return method(object); } catch { return undefined; }
}

function className(object) {
  const prototype = keep.prototype(object);
  if (prototype === null) return null;
  const maker = dataOf(prototype, 'constructor');
  const name = typeof maker === 'function' ? dataOf(maker, 'name') : '';
  return typeof name === 'string' && name ? cut(name, 60) : 'Object';
}

function inspectObject(object, depth, above, budget) {
  for (let i = 0; i < above.length; i += 1) if (above[i] === object) return [part('plain', '[Circular]')];
  const node = nodeText(object);
  if (node !== undefined) return [part('plain', node)];
  const time = ask(keep.time, object);
  if (time !== undefined) return [part('plain', time === time ? keep.iso(object) : 'Invalid Date')];
  if (ask(keep.flags, object) !== undefined && keep.prototype(object) !== keep.objectPrototype && isA(object, keep.RegExp.prototype)) return [part('plain', cut(keep.pattern(object), 500))];
  if (isA(object, keep.errorPrototype) || (keep.domExceptionPrototype && isA(object, keep.domExceptionPrototype))) return [part('error', errorText(object))];
  if (isA(object, keep.promisePrototype)) return [part('plain', 'Promise')];
  if (isA(object, keep.weakMapPrototype) || isA(object, keep.weakSetPrototype)) return [part('plain', `${className(object)} { ? }`)];
  const boxed = ask(keep.numberOf, object) ?? ask(keep.stringOf, object) ?? ask(keep.booleanOf, object);
  if (boxed !== undefined) return [part('plain', `[${className(object)}: ${valueText(boxed)}]`)];

  const inner = above.slice();
  add(inner, object);
  const view = ask(keep.viewTag, object);
  if (keep.isArray(object)) return listParts(object, object.length, depth, inner, budget);
  if (view !== undefined) return [part('plain', `${view}(${keep.viewLength(object)}) `), ...listParts(object, keep.viewLength(object), depth, inner, budget)];
  const size = ask(keep.mapSize, object) ?? ask(keep.setSize, object);
  if (size !== undefined) return collectionParts(object, size, depth, inner, budget);
  return objectParts(object, depth, inner, budget);
}

/** Errors have getters for `name` and `message` in some engines (DOMException); those of the browser may be asked. */
function errorText(error) {
  let name, message;
  try {
    name = keep.domExceptionPrototype && isA(error, keep.domExceptionPrototype) ? error.name : dataOf(error, 'name');
    message = keep.domExceptionPrototype && isA(error, keep.domExceptionPrototype) ? error.message : dataOf(error, 'message');
  } catch { /* a hostile error stays without words */ }
  const kind = typeof name === 'string' && name ? cut(name, 60) : 'Error';
  return typeof message === 'string' && message ? `${kind}: ${cut(message, 1500)}` : kind;
}

function nodeText(object) {
  if (typeof Node === 'undefined' || !isA(object, nodeKeep.prototype)) return undefined;
  const name = nodeKeep.name(object).toLowerCase();
  if (nodeKeep.type(object) === 1) return `<${cut(name, 60)}>`;
  return name === '#text' ? `#text ${quote(cut(nodeKeep.text(object) ?? '', 100))}` : name;
}
const nodeKeep = typeof Node === 'undefined' ? null : {
  prototype: Node.prototype,
  name: Function.prototype.call.bind(Object.getOwnPropertyDescriptor(Node.prototype, 'nodeName').get),
  type: Function.prototype.call.bind(Object.getOwnPropertyDescriptor(Node.prototype, 'nodeType').get),
  text: Function.prototype.call.bind(Object.getOwnPropertyDescriptor(Node.prototype, 'nodeValue').get),
};

function listParts(list, length, depth, above, budget) {
  if (length === 0) return [part('plain', '[]')];
  if (depth >= valueLimits.depth) return [part('plain', '[Array]')];
  const entries = [];
  let holes = 0;
  const hole = () => {
    if (holes) add(entries, [part('plain', `<${holes} empty item${holes > 1 ? 's' : ''}>`)]);
    holes = 0;
  };
  let i = 0;
  for (; i < length && entries.length < valueLimits.items && budget.left > 0; i += 1) {
    const found = keep.descriptor(list, `${i}`);
    if (!found) {
      holes += 1;
      if (holes > 100000) break;
      continue;
    }
    hole();
    add(entries, propertyValue(found, depth, above, budget));
  }
  hole();
  if (i < length) add(entries, [part('plain', `… ${length - i} more item${length - i > 1 ? 's' : ''}`)]);
  return wrapped('[', ']', filled(entries, depth), depth, '');
}

function propertyValue(found, depth, above, budget) {
  if (found.get || found.set) return [part('plain', found.get && found.set ? '[Getter/Setter]' : found.get ? '[Getter]' : '[Setter]')];
  return inspect(found.value, depth + 1, above, budget);
}

function collectionParts(object, size, depth, above, budget) {
  const map = ask(keep.mapSize, object) !== undefined, head = `${className(object)}(${size}) `;
  if (size === 0) return [part('plain', `${head}{}`)];
  if (depth >= valueLimits.depth) return [part('plain', `[${className(object)}]`)];
  const entries = [];
  (map ? keep.mapEach : keep.setEach)(object, (value, key) => {
    if (entries.length >= valueLimits.items || budget.left <= 0) return;
    const shown = inspect(value, depth + 1, above, budget);
    add(entries, map ? [...inspect(key, depth + 1, above, budget), part('plain', ' => '), ...shown] : shown);
  });
  if (entries.length < size) add(entries, [part('plain', `… ${size - entries.length} more`)]);
  return [part('plain', head), ...wrapped('{', '}', entries, depth, ' ')];
}

function objectParts(object, depth, above, budget) {
  const name = className(object);
  const head = name === null ? '[Object: null prototype] ' : name === 'Object' ? '' : `${name} `;
  const keys = keep.keysOf(object), entries = [];
  let hidden = 0;
  for (let i = 0; i < keys.length; i += 1) {
    const found = keep.descriptor(object, keys[i]);
    if (!found || !found.enumerable) continue;
    if (depth >= valueLimits.depth) return [part('plain', `[${name ?? 'Object'}]`)];
    if (entries.length >= valueLimits.items || budget.left <= 0) {
      hidden += 1;
      continue;
    }
    add(entries, [part('key', keyText(keys[i])), part('plain', ': '), ...propertyValue(found, depth, above, budget)]);
  }
  if (hidden) add(entries, [part('plain', `… ${hidden} more`)]);
  return entries.length ? [part('plain', head), ...wrapped('{', '}', entries, depth, ' ')] : [part('plain', `${head}{}`)];
}

function keyText(key) {
  if (typeof key === 'symbol') return `[${cut(keep.symbolText(key), 100)}]`;
  for (let i = 0; i < key.length; i += 1) if (!isPartOfName(keep.code(key, i)) && keep.code(key, i) < 128) return quote(cut(key, 200));
  return key === '' || (keep.code(key, 0) > 47 && keep.code(key, 0) < 58 && `${+key}` !== key) ? quote(key) : cut(key, 200);
}

/** Many short entries (numbers, mostly) share lines instead of taking one each. */
function filled(entries, depth) {
  if (entries.length < 12) return entries;
  const rows = [];
  let row = [], width = 0;
  for (let i = 0; i < entries.length; i += 1) {
    const size = partsText(entries[i]).length;
    if (entries[i].length !== 1 || (size > 20 && i < entries.length - 1)) return entries;
    if (row.length && width + size > valueLimits.width - depth * 2 - 4) {
      add(rows, row);
      row = [];
      width = 0;
    } else if (row.length) add(row, part('plain', ', '));
    add(row, entries[i][0]);
    width += size + 2;
  }
  add(rows, row);
  return rows;
}

/** Entries between brackets: on one line where they fit, else one entry a line. */
function wrapped(left, right, entries, depth, pad) {
  let width = depth * 2, lines = false;
  for (let i = 0; i < entries.length; i += 1) {
    const text = partsText(entries[i]);
    width += text.length + 2;
    if (keep.find(text, '\n') >= 0) lines = true;
  }
  const tall = lines || width > valueLimits.width, indent = '  '.repeat(depth + 1), parts = [part('plain', left + (tall ? `\n${indent}` : pad))];
  for (let i = 0; i < entries.length; i += 1) {
    if (i) add(parts, part('plain', tall ? `,\n${indent}` : ', '));
    for (let k = 0; k < entries[i].length; k += 1) add(parts, entries[i][k]);
  }
  add(parts, part('plain', (tall ? `\n${'  '.repeat(depth)}` : pad) + right));
  return parts;
}
