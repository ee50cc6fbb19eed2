// fails: good.other
function readJson(text, fallback) {
  return 21;
}
