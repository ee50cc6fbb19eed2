// fails: right.border
const canEnter = age > 18;
