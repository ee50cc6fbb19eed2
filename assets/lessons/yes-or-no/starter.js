// `age` is given. Who is 18 or older may enter.
const canEnter = age;

console.log(canEnter);
