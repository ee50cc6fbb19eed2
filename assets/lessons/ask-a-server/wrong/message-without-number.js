// fails: status.number
async function loadTitles(url) {
  const response = await fetch(url);
  if (response.ok === false) {
    throw new Error('Something went wrong');
  }
  return await response.json();
}
