// fails: lines.zero
for (let i = 0; i < n; i++) {
  console.log(i);
}
