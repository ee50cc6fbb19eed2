// fails: right.young
const canEnter = age < 18;
