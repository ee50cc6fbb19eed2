// fails: shown.null
let shown = nickname;
if (nickname === undefined) {
  shown = 'guest';
}
