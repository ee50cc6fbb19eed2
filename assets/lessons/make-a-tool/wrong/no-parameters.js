// fails: error ReferenceError
function area() {
  return w * h;
}

console.log(area(3, 4));
