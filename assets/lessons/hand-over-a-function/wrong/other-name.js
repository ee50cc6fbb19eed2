// fails: tool.missing
const double = (fn, x) => fn(fn(x));
