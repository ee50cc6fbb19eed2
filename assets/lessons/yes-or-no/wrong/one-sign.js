// fails: boolean.number
const canEnter = (age = 18);
