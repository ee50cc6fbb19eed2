// fails: status.json
async function loadTitles(url) {
  const response = await fetch(url);
  return await response.json();
}
