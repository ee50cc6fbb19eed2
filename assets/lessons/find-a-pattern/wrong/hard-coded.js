// fails: yes.fixed
function isColor(text) {
  return text === '#a0ff09';
}
