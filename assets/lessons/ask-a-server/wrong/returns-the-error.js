// fails: status.quiet
async function loadTitles(url) {
  const response = await fetch(url);
  if (response.ok === false) {
    return new Error(`status ${response.status}`);
  }
  return await response.json();
}
