// fails: score.missing
let points = 0;
points += 10;
points += 10;
