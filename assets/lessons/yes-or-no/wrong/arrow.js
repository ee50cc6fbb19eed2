// fails: boolean.arrow
const canEnter = age => 18;
