// fails: once.many
async function loadTitles(url) {
  if ((await fetch(url)).ok) {
    return await (await fetch(url)).json();
  }
}
