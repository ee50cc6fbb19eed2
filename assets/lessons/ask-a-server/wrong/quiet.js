// fails: status.quiet
async function loadTitles(url) {
  const response = await fetch(url);
  if (response.ok) {
    return await response.json();
  }
  return [];
}
