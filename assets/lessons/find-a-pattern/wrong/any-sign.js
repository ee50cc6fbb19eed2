// fails: no.signs
function isColor(text) {
  return /^#.{6}$/.test(text);
}
