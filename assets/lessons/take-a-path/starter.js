// `hour` is given: a number from 0 to 23.
let greeting = 'Good morning';

console.log(greeting);
