// fails: error TypeError
const addThree = (n) => n + 3;

const twice = (fn, x) => fn(fn)(x);

console.log(twice(addThree, 10));
