// fails: error TypeError
function makeCounter() {
  const count = 0;
  return () => {
    count += 1;
    return count;
  };
}

const rainy = makeCounter();
console.log(rainy());
