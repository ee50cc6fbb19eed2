// fails: stopped
for (let i = 1; 1 <= n; i++) {
}
