// fails: good.fallback
function readJson(text, fallback) {
  try {
    return JSON.Parse(text);
  } catch (error) {
    return fallback;
  }
}
