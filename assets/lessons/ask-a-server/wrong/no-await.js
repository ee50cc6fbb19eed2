// fails: error TypeError
async function loadTitles(url) {
  const response = fetch(url);
  return await response.json();
}
