const form = document.querySelector('#add');
const city = document.querySelector('#city');
const list = document.querySelector('#list');

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = city.value.trim();
  if (name !== '') {
    const item = document.createElement('li');
    item.textContent = name;
    list.append(item);
  }
  city.value = '';
  city.focus();
});
