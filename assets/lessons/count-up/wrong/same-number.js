// fails: lines.same
for (let i = 1; i <= n; i++) {
  console.log(n);
}
