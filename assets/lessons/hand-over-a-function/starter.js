const addThree = (n) => n + 3;

const twice = (fn, x) => x;

console.log(twice(addThree, 10)); // should become 16
