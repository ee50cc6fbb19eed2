// fails: gives.logged
function area(w, h) {
  console.log(w * h);
}

area(3, 4);
