// The learner's files made into something that starts, and the way by which checks read its names.
// Must never: add a line before the learner's first one.

const mainName = 'main.js';

/** `{ start, result }`, and on `world`: has, get, set, exports, load. */
async function link(task, world) {
  const builtIn = new keep.Set(allGlobals());
  for (const name of keep.names(world.given)) builtIn.delete(name);
  return task.mode === 'console' ? linkScript(task, world, builtIn) : linkModules(task, world, builtIn);
}

function allGlobals() {
  const names = [];
  for (let at = globalThis; at; at = keep.prototype(at)) names.push(...keep.keysOf(at));
  return names;
}

/** Console mode: an indirect eval, so that the last expression's value can be shown. */
function linkScript(task, world, builtIn) {
  const url = 'lesson:main', [file] = task.files;
  const text = file.pieces.join('');
  sources.push({ url, name: mainName, edits: file.edits, lines: text.split('\n') });
  const program = { result: undefined };
  program.start = async () => { program.result = (0, keep.evaluate)(`${text}\n//# sourceURL=${url}`); };
  nameAccess(world, builtIn, (text) => (0, keep.evaluate)(text), (name, value) => {
    const set = keep.evaluate(`(value) => { ${name} = value; }`);
    set(value);
  });
  world.exports = () => ({});
  world.load = () => keep.Promise.reject(new keep.Error('This lesson has one file.'));
  return program;
}

/** Worker and document mode: real modules from blob addresses; a probe at the end of main.js reads its names. */
async function linkModules(task, world, builtIn) {
  const urls = new keep.Map(), probe = `__probe${Math.floor(Math.random() * 1e9)}`;
  const made = [];
  function urlOf(name, above) {
    if (urls.has(name)) return urls.get(name);
    const file = task.files.find((one) => one.name === name);
    if (!file || above.includes(name)) return `./${name}`;
    const text = file.pieces.map((piece) => (typeof piece === 'string' ? piece : `'${urlOf(piece.file, [...above, name])}'`)).join('');
    const tail = name === mainName ? `\n;export const ${probe} = (__text, __value) => eval(__text)` : '';
    const url = keep.blobUrl(new keep.Blob([text, tail], { type: 'text/javascript' }));
    urls.set(name, url);
    sources.push({ url, name, edits: file.edits, lines: text.split('\n') });
    made.push(url);
    return url;
  }
  for (const file of task.files) urlOf(file.name, []);
  let module = null;
  const program = { result: undefined };
  program.start = async () => { module = await import(urls.get(mainName)); };
  nameAccess(world, builtIn, (text) => module[probe](text), (name, value) => module[probe](`${name} = __value`, value));
  const clean = (exports) => {
    const copy = {};
    for (const name of keep.names(exports)) if (name !== probe) copy[name] = exports[name];
    return copy;
  };
  world.exports = () => clean(module);
  world.load = async (name) => clean(await import(urls.get(keep.String(name).replace(/^\.\//, ''))));
  return program;
}

/** Reading and writing the learner's outermost names. `look(text)` evaluates in their scope. */
function nameAccess(world, builtIn, look, set) {
  const valid = (name) => { if (!/^[\p{ID_Start}$_][\p{ID_Continue}$]*$/u.test(name)) throw new keep.TypeError(`Not a name: ${name}`); };
  const declared = (name) => new RegExp(`(?:\\b(?:const|let|var|function\\*?|class)\\s+|[{,\\[]\\s*)${name.replace(/\$/g, '\\$')}(?![\\p{ID_Continue}$])`, 'u').test(world.code);
  world.has = (name) => {
    valid(name);
    try {
      const value = look(name);
      return !keep.setHas(builtIn, name) || declared(name) || value !== globalThis[name];
    } catch {
      return false;
    }
  };
  world.get = (name) => {
    valid(name);
    return look(name);
  };
  world.set = (name, value) => {
    valid(name);
    set(name, value);
  };
}

/** A thrown text or number knows no place; where the code has only one `throw`, it was that one. */
function onlyThrow(code) {
  const found = tokenize(code).filter(([type, at, end]) => type === 'word' && code.slice(at, end) === 'throw');
  return found.length === 1 ? code.slice(0, found[0][1]).split('\n').length : null;
}

/** An error of the import itself: a missing file or export has no place of its own, so the line that imports is looked for. */
function importFault(thrown, task) {
  const known = fault('runtime', thrown);
  if (known.line !== null) return known;
  if (typeof thrown !== 'object') known.line = onlyThrow(task.code);
  const wanted = /export (?:named )?['"]?([\w$]+)|binding name ['"]([\w$]+)|specifier ['"]?(\.\/[\w.-]+)/.exec(known.message);
  const name = wanted && (wanted[1] ?? wanted[2] ?? wanted[3]);
  if (name) {
    const line = task.code.split('\n').findIndex((text) => /\bimport\b|\bfrom\b/.test(text) && text.includes(name));
    if (line >= 0) known.line = line + 1;
  }
  return known;
}
