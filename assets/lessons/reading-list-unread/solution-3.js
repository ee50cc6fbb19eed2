// nothing is drawn anew: items hide and come back
const [form, list, unread] = ['#add', '#list', '#unread'].map((id) => document.querySelector(id));
function update() {
  for (const item of list.children) {
    item.hidden = unread.checked && item.querySelector('input').checked;
  }
}
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const [title, address] = form.elements;
  if (title.value.trim() === '') return;
  const item = document.createElement('li');
  const a = document.createElement('a');
  a.href = address.value.trim();
  a.textContent = title.value.trim();
  const box = document.createElement('input');
  box.type = 'checkbox';
  box.ariaLabel = 'read';
  box.addEventListener('click', update);
  item.append(a, box);
  list.append(item);
  form.reset();
  update();
});
unread.addEventListener('click', update);
