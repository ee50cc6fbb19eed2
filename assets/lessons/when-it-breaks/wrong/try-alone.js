// fails: error SyntaxError
function readJson(text, fallback) {
  try {
    return JSON.parse(text);
  }
  return fallback;
}
