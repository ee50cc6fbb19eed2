// fails: lines.none
for (let i = 1; i <= n; i++) {
}
