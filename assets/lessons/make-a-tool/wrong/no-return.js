// fails: gives.nothing
function area(w, h) {
  w * h;
}

console.log(area(3, 4));
