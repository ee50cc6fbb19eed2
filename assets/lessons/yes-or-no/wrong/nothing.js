// fails: boolean.other
let canEnter;
