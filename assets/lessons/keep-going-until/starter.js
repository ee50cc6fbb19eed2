// `coins` and `goal` are given.
let days = 0;

console.log(days);
