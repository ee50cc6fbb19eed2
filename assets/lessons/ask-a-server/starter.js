async function loadTitles(url) {
  // TODO: fetch url, look whether that went well, return the titles
}

console.log(await loadTitles('/books.json'));
