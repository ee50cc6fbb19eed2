// fails: lines.quoted
for (let i = 1; i <= n; i++) {
  console.log('i');
}
