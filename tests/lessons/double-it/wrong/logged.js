// fails: right.returned
function double(n) {
  console.log(n * 2);
}
