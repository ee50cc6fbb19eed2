// fails: bad.thrown
function readJson(text, fallback) {
  const value = JSON.parse(text);
  if (value === undefined) {
    return fallback;
  }
  return value;
}
