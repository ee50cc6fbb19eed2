// the box and its label stand beside each other; nothing is ever drawn anew
const [form, list] = [document.querySelector('#add'), document.querySelector('#list')];
let number = 0;
form.addEventListener('submit', (event) => {
  event.preventDefault();
  const [title, address] = form.elements;
  if (title.value.trim() === '') return;
  number += 1;
  const item = document.createElement('li');
  const a = document.createElement('a');
  a.href = address.value.trim();
  a.textContent = title.value.trim();
  const box = document.createElement('input');
  box.setAttribute('type', 'checkbox');
  box.id = 'box-' + number;
  const label = document.createElement('label');
  label.htmlFor = box.id;
  label.textContent = 'I have read this';
  item.append(a, box, label);
  list.append(item);
  form.reset();
});
