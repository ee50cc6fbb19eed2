// fails: error TypeError
const score = 0;
score += 10;
score += 10;
