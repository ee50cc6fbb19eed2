// fails: counts.shared
let count = 0;

function makeCounter() {
  return () => {
    count += 1;
    return count;
  };
}

const rainy = makeCounter();
console.log(rainy());
