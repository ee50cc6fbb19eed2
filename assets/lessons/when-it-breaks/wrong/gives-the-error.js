// fails: bad.other
function readJson(text, fallback) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return error.message;
  }
}
