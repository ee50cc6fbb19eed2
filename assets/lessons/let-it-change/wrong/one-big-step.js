// fails: steps.once
let score = 0;
score += 20;
