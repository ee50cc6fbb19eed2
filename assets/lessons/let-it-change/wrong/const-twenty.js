// fails: changes.const
const score = 20;
