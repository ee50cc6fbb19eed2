// fails: steps.start
let score = 10;
score += 10;
