// fails: lines.once
let last = 0;
for (let i = 1; i <= n; i++) {
  last = i;
}
console.log(last);
