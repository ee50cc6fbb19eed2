// fails: steps.typed
let score = 0;
score = 10;
score = 20;
