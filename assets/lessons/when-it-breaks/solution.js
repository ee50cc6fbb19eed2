function readJson(text, fallback) {
  try {
    return JSON.parse(text);
  } catch (error) {
    return fallback;
  }
}

console.log(readJson('21', 0));
console.log(readJson('rain', 0));
