// fails: silent.some
console.log(1);
for (let i = 2; i <= n; i++) {
  console.log(i);
}
