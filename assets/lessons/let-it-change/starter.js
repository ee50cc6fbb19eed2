const score = 0;

console.log(score);
