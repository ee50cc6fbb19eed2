let left = 0;

function makeRoll(count) {
  left = count;
  return () => {
    left -= 1;
    return left;
  };
}

const adults = makeRoll(10);
const children = makeRoll(3);
console.log(adults()); // should be 9
console.log(children()); // should be 2
