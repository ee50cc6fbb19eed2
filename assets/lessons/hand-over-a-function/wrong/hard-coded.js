// fails: result.fixed
const twice = (fn, x) => x + 6;
