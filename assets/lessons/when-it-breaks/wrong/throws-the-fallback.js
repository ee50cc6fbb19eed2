// fails: bad.thrown
function readJson(text, fallback) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw fallback;
  }
}
