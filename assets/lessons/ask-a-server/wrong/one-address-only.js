// fails: once.url
async function loadTitles(url) {
  const response = await fetch('/books.json');
  return await response.json();
}
