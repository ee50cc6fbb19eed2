// fails: answer.kind
function isColor(text) {
  return text.match(/^#[0-9a-f]{6}$/);
}
