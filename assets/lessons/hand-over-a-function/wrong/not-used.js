// fails: result.unused
const twice = (fn, x) => fn;
