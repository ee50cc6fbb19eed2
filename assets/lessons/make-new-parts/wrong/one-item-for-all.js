// fails: items.one
const list = document.querySelector('#list');
const item = document.createElement('li');
for (const title of titles) {
  item.textContent = title;
  list.append(item);
}
