// Built-ins as they were before any learner's code ran. Everything that runs after it uses these, never the globals.
// Must never: be reachable from a learner's code, or be read late (this file is the first of the script).
//
// The files of this folder are one script inside one function (runner.html). The frame runs it; the frame's worker runs
// the same text again (the frame reads it from its own script element), so both know the same functions.
const scriptText = typeof document === 'undefined' ? '' : document.currentScript.textContent;

const keep = (() => {
  const uncurry = Function.prototype.bind.bind(Function.prototype.call);
  const getter = (prototype, name) => uncurry(Object.getOwnPropertyDescriptor(prototype, name).get);
  const bound = (name) => globalThis[name].bind(globalThis);
  return {
    apply: Reflect.apply, construct: Reflect.construct, keysOf: Reflect.ownKeys,
    prototype: Object.getPrototypeOf, descriptor: Object.getOwnPropertyDescriptor, define: Object.defineProperty,
    freeze: Object.freeze, names: Object.keys, create: Object.create, is: Object.is, isArray: Array.isArray,
    String, Number, Error, TypeError, Promise, Proxy, Map, Set, Date, RegExp, URL, Blob, Response: globalThis.Response,
    stringify: JSON.stringify, parse: JSON.parse, evaluate: globalThis.eval,
    slice: uncurry(String.prototype.slice), find: uncurry(String.prototype.indexOf), code: uncurry(String.prototype.charCodeAt),
    trim: uncurry(String.prototype.trim), join: uncurry(Array.prototype.join), sourceOf: uncurry(Function.prototype.toString),
    then: uncurry(Promise.prototype.then), match: uncurry(RegExp.prototype.exec),
    mapSize: getter(Map.prototype, 'size'), mapEach: uncurry(Map.prototype.forEach), mapGet: uncurry(Map.prototype.get), mapHas: uncurry(Map.prototype.has),
    setSize: getter(Set.prototype, 'size'), setEach: uncurry(Set.prototype.forEach), setHas: uncurry(Set.prototype.has),
    time: uncurry(Date.prototype.getTime), iso: uncurry(Date.prototype.toISOString),
    symbolText: uncurry(Symbol.prototype.toString), pattern: uncurry(RegExp.prototype.toString), flags: getter(RegExp.prototype, 'flags'),
    viewTag: getter(Object.getPrototypeOf(Uint8Array.prototype), Symbol.toStringTag),
    viewLength: getter(Object.getPrototypeOf(Uint8Array.prototype), 'length'),
    numberOf: uncurry(Number.prototype.valueOf), stringOf: uncurry(String.prototype.valueOf), booleanOf: uncurry(Boolean.prototype.valueOf),
    now: performance.now.bind(performance),
    setTimeout: bound('setTimeout'), clearTimeout: bound('clearTimeout'), setInterval: bound('setInterval'), clearInterval: bound('clearInterval'),
    listen: globalThis.addEventListener.bind(globalThis),
    post: uncurry(MessagePort.prototype.postMessage), close: uncurry(MessagePort.prototype.close), MessageChannel,
    blobUrl: URL.createObjectURL.bind(URL), dropUrl: URL.revokeObjectURL.bind(URL),
    objectPrototype: Object.prototype, functionPrototype: Function.prototype, errorPrototype: Error.prototype,
    promisePrototype: Promise.prototype, weakMapPrototype: WeakMap.prototype, weakSetPrototype: WeakSet.prototype,
    domExceptionPrototype: globalThis.DOMException?.prototype,
  };
})();

/** A promise of the next turn of the event loop. */
function turn(ms = 0) {
  return new keep.Promise((resolve) => { keep.setTimeout(resolve, ms); });
}

/** The first of two promises that settles, without asking `Promise.race`. */
function first(one, other) {
  return new keep.Promise((resolve, reject) => {
    keep.then(one, resolve, reject);
    keep.then(other, resolve, reject);
  });
}

/** `Array.prototype.push` as a plain write, so that a changed prototype does not matter. */
function add(list, item) {
  keep.define(list, list.length, { value: item, writable: true, enumerable: true, configurable: true });
}

/** A text of at most `limit` characters, with a mark where something is missing. */
function cut(text, limit = 2000) {
  const whole = keep.String(text);
  return whole.length <= limit ? whole : keep.slice(whole, 0, limit - 1) + '…';
}
