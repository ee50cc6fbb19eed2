// fails: bad.nothing
function readJson(text, fallback) {
  try {
    return JSON.parse(text);
  } catch (error) {
    console.log(error.message);
  }
}
