// fails: bad.thrown
function readJson(text, fallback) {
  return JSON.parse(text);
}

try {
  console.log(readJson('rain', 0));
} catch (error) {
  console.log(0);
}
