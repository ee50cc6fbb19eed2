// fails: result.logged
const twice = (fn, x) => console.log(fn(fn(x)));
