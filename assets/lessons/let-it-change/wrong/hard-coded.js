// fails: steps.typed
let score = 20;
console.log(score);
