// fails: result.fixed
const addThree = (n) => n + 3;
const twice = (fn, x) => addThree(addThree(x));
