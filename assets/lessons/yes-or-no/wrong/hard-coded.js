// fails: right.fixed
const canEnter = false;
