// fails: good.nothing
function readJson(text, fallback) {
  try {
    JSON.parse(text);
  } catch (error) {
    return fallback;
  }
}
