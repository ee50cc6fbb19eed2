// fails: status.late
async function loadTitles(url) {
  let response = await fetch(url);
  while (response.ok === false) {
    response = await fetch(url);
  }
  return await response.json();
}
