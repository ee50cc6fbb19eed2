// fails: no.around
function isColor(text) {
  return /#[0-9a-f]{6}/.test(text);
}
