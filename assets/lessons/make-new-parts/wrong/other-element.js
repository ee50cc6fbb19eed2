// fails: items.kind
const list = document.querySelector('#list');
for (const title of titles) {
  const item = document.createElement('p');
  item.textContent = title;
  list.append(item);
}
