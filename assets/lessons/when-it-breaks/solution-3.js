function readJson(text, fallback) {
  let result;
  try {
    result = JSON.parse(text);
  } catch (problem) {
    console.log(problem.message);
    result = fallback;
  } finally {
    console.log('done');
  }
  return result;
}
