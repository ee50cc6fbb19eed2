// fails: yes.first
function isColor(text) {
  return /^#[0-9][a-f]{6}$/.test(text);
}
