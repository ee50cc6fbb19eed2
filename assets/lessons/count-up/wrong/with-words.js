// fails: lines.other
for (let i = 1; i <= n; i++) {
  console.log(`number ${i}`);
}
