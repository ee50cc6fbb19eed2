// fails: stopped
function area(w, h) {
  let sum = 0;
  while (h > 0) {
    sum += w;
  }
  return sum;
}

console.log(area(3, 4));
