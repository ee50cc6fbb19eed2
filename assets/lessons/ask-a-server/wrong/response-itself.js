// fails: list.response
async function loadTitles(url) {
  return await fetch(url);
}
