// fails: steps.early
let score = 0;
console.log(score);
score += 10;
score += 10;
