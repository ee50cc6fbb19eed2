// fails: right.only
const canEnter = age === 18;
