let shown = nickname
if (nickname === null || nickname === undefined) {
  shown = "guest"
}
