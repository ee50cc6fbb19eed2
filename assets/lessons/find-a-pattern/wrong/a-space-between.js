// fails: no.signs
function isColor(text) {
  return /^#[0-9 a-f]{6}$/.test(text);
}
