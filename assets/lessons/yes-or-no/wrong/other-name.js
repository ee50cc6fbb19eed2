// fails: boolean.missing
const mayEnter = age >= 18;
