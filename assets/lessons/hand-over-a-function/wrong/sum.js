// fails: result.sum
const twice = (fn, x) => fn(x) + fn(x);
