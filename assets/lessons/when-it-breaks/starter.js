function readJson(text, fallback) {
  return JSON.parse(text);
}

console.log(readJson('21', 0));
