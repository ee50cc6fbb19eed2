// fails: error SyntaxError
const list = document.querySelector('#list');
let notes = JSON.parse(localStorage.getItem('notes')) ?? [];
document.querySelector('#add').addEventListener('submit', (event) => {
  event.preventDefault();
  const item = document.createElement('li');
  item.textContent = document.querySelector('#note').value;
  list.append(item);
  notes = [...notes, item.textContent];
  localStorage.setItem('notes', notes);
});
