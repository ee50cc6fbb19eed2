let next = 1;
while (next <= n) {
  console.log(next);
  next = next + 1; // on to the next
}
