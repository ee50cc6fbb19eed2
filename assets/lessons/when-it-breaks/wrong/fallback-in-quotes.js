// fails: bad.quoted
function readJson(text, fallback) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return 'fallback';
  }
}
