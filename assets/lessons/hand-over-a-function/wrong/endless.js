// fails: stopped
const addThree = (n) => n + 3;

function twice(fn, x) {
  let rounds = 0;
  while (rounds < 2) {
    x = fn(x);
  }
  return x;
}

console.log(twice(addThree, 10));
