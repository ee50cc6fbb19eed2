// fails: texts.html
const list = document.querySelector('#list');
for (const title of titles) {
  list.innerHTML += `<li>${title}</li>`;
}
