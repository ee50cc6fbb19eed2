// fails: good.text
function readJson(text, fallback) {
  try {
    return text;
  } catch (error) {
    return fallback;
  }
}
