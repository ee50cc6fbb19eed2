// fails: good.thrown
function readJson(text, fallback) {
  throw new Error('bad text');
}
