const form = document.querySelector('#add');
const note = document.querySelector('#note');
const list = document.querySelector('#list');

let notes = JSON.parse(localStorage.getItem('notes')) ?? [];

function show() {
  list.textContent = '';
  for (const text of notes) {
    const item = document.createElement('li');
    item.textContent = text;
    list.append(item);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  localStorage.setItem('notes', JSON.stringify(notes));
  notes = [...notes, note.value.trim()];
  note.value = '';
  show();
});

show();
