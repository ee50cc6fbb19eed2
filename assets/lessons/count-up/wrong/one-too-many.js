// fails: lines.long
for (let i = 0; i <= n; i++) {
  console.log(i + 1);
}
