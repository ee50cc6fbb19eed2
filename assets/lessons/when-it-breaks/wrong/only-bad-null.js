// fails: kept.thrown
function readJson(text, fallback) {
  let value = fallback;
  try {
    value = JSON.parse(text);
  } catch (error) {
    return fallback;
  }
  if (value === null) {
    throw new Error('nothing there');
  }
  return value;
}
