// fails: lines.fixed
for (let i = 1; i <= 3; i++) {
  console.log(i);
}
