// fails: stopped
for (let i = 1; i <= n; i + 1) {
  console.log(i);
}
