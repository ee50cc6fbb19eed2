// fails: once.url
async function loadTitles(url) {
  const response = await fetch('url');
  if (response.ok === false) {
    throw new Error(`The server said ${response.status}`);
  }
  return await response.json();
}
