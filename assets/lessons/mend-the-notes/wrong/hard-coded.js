// fails: page.other
const list = document.querySelector('#list');
for (const text of ['Milk', 'Bread']) {
  const item = document.createElement('li');
  item.textContent = text;
  list.append(item);
}
document.querySelector('#add').addEventListener('submit', (event) => {
  event.preventDefault();
  list.append(document.createElement('li'));
});
