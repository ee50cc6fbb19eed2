// fails: right.fixed
const age = 20;
const canEnter = age >= 18;
