function area(w, h) {
  // Your line goes here.
}

console.log(area(3, 4));
