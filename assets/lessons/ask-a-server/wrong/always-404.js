// fails: status.fixed
async function loadTitles(url) {
  const response = await fetch(url);
  if (response.ok === false) {
    throw new Error('The server said 404');
  }
  return await response.json();
}
