// fails: cleared
const form = document.querySelector('#add');
const city = document.querySelector('#city');
const list = document.querySelector('#list');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  if (city.value.trim() !== '') {
    const item = document.createElement('li');
    item.textContent = city.value.trim();
    list.append(item);
  }
  city.focus();
});
