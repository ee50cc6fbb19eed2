// fails: stopped
function makeCounter() {
  let count = 0;
  return () => {
    while (count >= 0) {
      count += 1;
    }
    return count;
  };
}

const rainy = makeCounter();
console.log(rainy());
