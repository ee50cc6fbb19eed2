// fails: items.text
const list = document.querySelector('#list');
for (const title of titles) {
  list.append(title);
}
