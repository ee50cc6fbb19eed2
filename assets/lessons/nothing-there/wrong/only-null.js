// fails: shown.undefined
let shown = nickname;
if (nickname === null) {
  shown = 'guest';
}
