// fails: once.await
async function loadTitles(url) {
  const response = fetch(url);
  return await response.json();
}
