// fails: added.none
const form = document.querySelector('#add');
const city = document.querySelector('#city');
const list = document.querySelector('#list');
const name = city.value.trim();
form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (name !== '') {
    const item = document.createElement('li');
    item.textContent = name;
    list.append(item);
  }
});
