// fails: status.json
async function loadTitles(url) {
  const response = await fetch(url);
  const titles = await response.json();
  if (response.ok) {
    return titles;
  }
  throw new Error(`status ${response.status}`);
}
