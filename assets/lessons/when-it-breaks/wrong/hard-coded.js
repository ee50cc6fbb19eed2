// fails: good.fallback
function readJson(text, fallback) {
  return fallback;
}
