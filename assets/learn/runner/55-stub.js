// Stand-ins for what a lesson may use and a sandbox must not have: alert, prompt, confirm, localStorage, fetch.
// Must never: reach the network or anything that outlives the run. Answers come from the lesson's own table.

/** Puts the stand-ins into this realm; `run` is the entry of the checks' `runs`, `kept` the storage of the run before. */
function installStubs(run, kept, write, pending) {
  const answers = keep.isArray(run.answers) ? run.answers.slice() : [];
  const say = (text) => write('alert', [part('plain', cut(text))], [text]);
  const put = (name, value) => keep.define(globalThis, name, { value, writable: true, configurable: true, enumerable: false });
  put('alert', (text) => say(text === undefined ? '' : text));
  put('confirm', (text = '') => {
    const answer = answers.length ? Boolean(answers.shift()) : false;
    say(`${text} ${answer ? 'OK' : 'Cancel'}`);
    return answer;
  });
  put('prompt', (text = '', otherwise) => {
    const answer = answers.length ? answers.shift() : otherwise ?? null;
    say(`${text} ${answer ?? ''}`);
    return answer === null ? null : keep.String(answer);
  });
  const storage = makeStorage(run.storage === 'kept' ? kept : run.storage);
  put('localStorage', storage.face);
  put('sessionStorage', makeStorage({}).face);
  const fetched = [];
  put('fetch', makeFetch(run.fetch, fetched, pending));
  return { storage: storage.all, fetched };
}

/** A Storage: texts only, readable as properties too. */
function makeStorage(start) {
  const items = new keep.Map();
  if (typeof start === 'object' && start !== null) for (const key of keep.names(start)) items.set(key, keep.String(start[key]));
  const get = items.get.bind(items), has = items.has.bind(items), set = items.set.bind(items), remove = items.delete.bind(items), clear = items.clear.bind(items);
  const keys = () => {
    const list = [];
    keep.mapEach(items, (_, key) => add(list, key));
    return list;
  };
  const all = () => {
    const copy = {};
    keep.mapEach(items, (text, key) => keep.define(copy, key, { value: text, writable: true, enumerable: true, configurable: true }));
    return copy;
  };
  const methods = {
    getItem: (key) => get(keep.String(key)) ?? null,
    setItem: (key, value) => {
      const text = keep.String(value);
      let size = text.length;
      keep.mapEach(items, (other) => { size += other.length; });
      if (size > 100000) throw new DOMException('The storage is full.', 'QuotaExceededError');
      set(keep.String(key), text);
    },
    removeItem: (key) => { remove(keep.String(key)); },
    clear: () => { clear(); },
    key: (index) => keys()[index] ?? null,
  };
  const own = (key) => typeof key === 'string' && !(key in methods) && key !== 'length' && has(key);
  const face = new keep.Proxy(keep.create(null), {
    get: (_, key) => (key === 'length' ? items.size : typeof key === 'symbol' ? (key === Symbol.toStringTag ? 'Storage' : undefined) : methods[key] ?? get(key)),
    set: (_, key, value) => {
      methods.setItem(key, value);
      return true;
    },
    has: (_, key) => key in methods || key === 'length' || has(key),
    deleteProperty: (_, key) => {
      remove(key);
      return true;
    },
    ownKeys: () => keys(),
    getOwnPropertyDescriptor: (_, key) => (own(key) ? { value: get(key), writable: true, enumerable: true, configurable: true } : undefined),
    defineProperty: (_, key, { value }) => {
      methods.setItem(key, value);
      return true;
    },
  });
  return { face, all };
}

/** `fetch` over a table `{ '/books.json': { status, json | text, headers, delay } | { error: true } }`; real Response objects. */
function makeFetch(table, fetched, pending) {
  const pathOf = (address) => {
    try { return new keep.URL(address, 'https://lesson.example/').pathname; } catch { return address; }
  };
  return function fetch(resource, options) {
    const address = typeof resource === 'string' ? resource : keep.String(resource?.url ?? resource);
    add(fetched, { url: address, options });
    const entry = table?.[address] ?? table?.[pathOf(address)] ?? (table ? { status: 404 } : { error: true });
    pending.count += 1;
    return new keep.Promise((resolve, reject) => {
      keep.setTimeout(() => {
        pending.count -= 1;
        if (entry.error) return reject(new keep.TypeError('Failed to fetch'));
        const status = entry.status ?? 200, text = 'json' in entry ? keep.stringify(entry.json) : entry.text ?? '';
        const words = { 200: 'OK', 201: 'Created', 204: 'No Content', 400: 'Bad Request', 403: 'Forbidden', 404: 'Not Found', 500: 'Internal Server Error', 503: 'Service Unavailable' };
        const headers = { 'content-type': 'json' in entry ? 'application/json' : 'text/plain', ...entry.headers };
        resolve(new keep.Response(status === 204 ? null : text, { status, statusText: words[status] ?? '', headers }));
      }, entry.delay ?? 5);
    });
  };
}

/** Counts the timeouts that wait, so that a run can tell when a learner's code has come to rest. */
function watchTimers() {
  const pending = { count: 0 }, waiting = new keep.Set();
  const start = globalThis.setTimeout, stop = globalThis.clearTimeout;
  const has = waiting.has.bind(waiting), put = waiting.add.bind(waiting), drop = waiting.delete.bind(waiting);
  const set = (name, value) => keep.define(globalThis, name, { value, writable: true, configurable: true, enumerable: true });
  set('setTimeout', function setTimeout(callback, ms, ...rest) {
    if (typeof callback !== 'function') throw new keep.TypeError('setTimeout needs a function as its first value.');
    const id = keep.apply(start, globalThis, [(...values) => {
      if (drop(id)) pending.count -= 1;
      return keep.apply(callback, undefined, values);
    }, ms, ...rest]);
    put(id);
    pending.count += 1;
    return id;
  });
  set('clearTimeout', function clearTimeout(id) {
    if (has(id)) {
      drop(id);
      pending.count -= 1;
    }
    keep.apply(stop, globalThis, [id]);
  });
  return pending;
}
