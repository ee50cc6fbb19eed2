// fails: score.other
let score = 0;
score += 10;
score += 10;
score += 10;
