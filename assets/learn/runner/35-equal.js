// Equality by value, and deep copies, for the checks.
// Must never: be confused by cycles, or hold a learner's getters against the other side (a getter's answer is its value here).

/** Whether two values look the same: NaN equals NaN, 0 equals -0, order of keys does not matter. */
function sameValue(a, b, seen = []) {
  if (a === b || (a !== a && b !== b)) return true;
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  for (let i = 0; i < seen.length; i += 1) if (seen[i][0] === a && seen[i][1] === b) return true;
  const deeper = seen.slice();
  add(deeper, [a, b]);
  if (keep.isArray(a) !== keep.isArray(b)) return false;
  const time = ask(keep.time, a), otherTime = ask(keep.time, b);
  if (time !== undefined || otherTime !== undefined) return keep.is(time, otherTime);
  if (isA(a, keep.errorPrototype) || isA(b, keep.errorPrototype)) return errorText(a) === errorText(b);
  if (isA(a, keep.RegExp.prototype) || isA(b, keep.RegExp.prototype)) return keep.String(a) === keep.String(b);
  if (typeof Node !== 'undefined' && isA(a, nodeKeep.prototype)) return false;
  const mapSize = ask(keep.mapSize, a), setSize = ask(keep.setSize, a);
  if (mapSize !== ask(keep.mapSize, b) || setSize !== ask(keep.setSize, b)) return false;
  if (mapSize !== undefined) {
    let same = true;
    keep.mapEach(a, (value, key) => { same &&= keep.mapHas(b, key) && sameValue(value, keep.mapGet(b, key), deeper); });
    return same;
  }
  if (setSize !== undefined) {
    let same = true;
    keep.setEach(a, (value) => { same &&= keep.setHas(b, value); });
    return same;
  }
  if (keep.isArray(a) && a.length !== b.length) return false;
  const keys = keep.names(a), others = keep.names(b);
  if (!keep.isArray(a) && keys.length !== others.length) return false;
  for (let i = 0; i < keys.length; i += 1) {
    if (!keep.isArray(b) && !keep.descriptor(b, keys[i])) return false;
    if (!sameValue(a[keys[i]], b[keys[i]], deeper)) return false;
  }
  if (keep.isArray(a)) for (let i = 0; i < others.length; i += 1) if (!sameValue(a[others[i]], b[others[i]], deeper)) return false;
  return true;
}

/** A copy of plain lists and objects, all the way down; anything else is handed over as it is. */
function deepCopy(value, seen = new keep.Map()) {
  if (typeof value !== 'object' || value === null) return value;
  if (keep.mapHas(seen, value)) return keep.mapGet(seen, value);
  const prototype = keep.prototype(value);
  if (!keep.isArray(value) && prototype !== keep.objectPrototype && prototype !== null) return value;
  const copy = keep.isArray(value) ? [] : keep.create(prototype);
  seen.set(value, copy);
  const keys = keep.names(value);
  for (let i = 0; i < keys.length; i += 1) copy[keys[i]] = deepCopy(value[keys[i]], seen);
  if (keep.isArray(value)) copy.length = value.length;
  return copy;
}

/** Freezes plain lists and objects, all the way down. */
function deepFreeze(value) {
  if (typeof value !== 'object' || value === null) return value;
  const keys = keep.names(value);
  for (let i = 0; i < keys.length; i += 1) deepFreeze(value[keys[i]]);
  return keep.freeze(value);
}
