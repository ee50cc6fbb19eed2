// fails: result.once
const twice = (fn, x) => fn(x);
