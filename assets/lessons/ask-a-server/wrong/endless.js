// fails: stopped
async function loadTitles(url) {
  let response;
  fetch(url).then((result) => {
    response = result;
  });
  while (response === undefined) {
    Math.sqrt(2);
  }
  return await response.json();
}
