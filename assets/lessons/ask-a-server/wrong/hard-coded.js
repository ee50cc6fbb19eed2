// fails: once.none
async function loadTitles(url) {
  return ['Dune', 'Emma'];
}
