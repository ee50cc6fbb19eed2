// fails: result.other
const twice = (fn, x) => fn(fn(fn(x)));
