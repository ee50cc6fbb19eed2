let count = 0;

function makeCounter() {
  return () => {
    count += 1;
    return count;
  };
}

const rainy = makeCounter();
const sunny = makeCounter();
console.log(rainy());
console.log(rainy());
console.log(sunny()); // should become 1
