// fails: result.sum
const twice = (fn, x) => fn(x) * 2;
