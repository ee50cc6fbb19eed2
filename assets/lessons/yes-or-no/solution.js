const canEnter = age >= 18;

console.log(canEnter);
