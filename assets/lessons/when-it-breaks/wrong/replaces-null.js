// fails: kept.lost
function readJson(text, fallback) {
  try {
    return JSON.parse(text) ?? fallback;
  } catch (error) {
    return fallback;
  }
}
