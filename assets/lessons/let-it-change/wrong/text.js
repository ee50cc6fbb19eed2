// fails: score.text
let score = '0';
score += 10;
score += 10;
