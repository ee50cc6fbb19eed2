// fails: once.thrown
async function loadTitles(url) {
  const response = await fetch(url);
  if (response.ok) {
    throw new Error(`The server said ${response.status}`);
  }
  return await response.json();
}
