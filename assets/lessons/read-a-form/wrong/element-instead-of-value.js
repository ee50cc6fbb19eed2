// fails: error TypeError
const form = document.querySelector('#add');
const city = document.querySelector('#city');
const list = document.querySelector('#list');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const item = document.createElement('li');
  item.textContent = city.trim();
  list.append(item);
});
