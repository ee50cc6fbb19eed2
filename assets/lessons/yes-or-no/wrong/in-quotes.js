// fails: boolean.text
const canEnter = 'age >= 18';
