// fails: items.gone
const list = document.querySelector('#list');

for (const title of titles) {
  const item = document.createElement('li');
  item.textContent = title;
  item.append(list);
}
