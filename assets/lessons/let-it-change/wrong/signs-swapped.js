// fails: score.ten
let score = 0;
score =+ 10;
score =+ 10;
console.log(score);
