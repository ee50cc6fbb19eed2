// fails: items
const list = document.querySelector('#list');
for (const title of ['Dune', 'Emma', 'Ulysses']) {
  const item = document.createElement('li');
  item.textContent = title;
  list.append(item);
}
