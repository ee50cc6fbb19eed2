// fails: box.type
const form = document.querySelector('#add');
const title = document.querySelector('#title');
const address = document.querySelector('#address');
const list = document.querySelector('#list');

let links = [];

function show() {
  list.textContent = '';
  for (const link of links) {
    const anchor = document.createElement('a');
    anchor.textContent = link.title;
    anchor.href = link.address;
    const item = document.createElement('li');
    const box = document.createElement('input');
    box.checked = link.read;
    box.addEventListener('change', () => {
      link.read = box.checked;
    });
    const label = document.createElement('label');
    label.append(box, 'read');
    item.append(anchor, ' ', label);
    list.append(item);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = title.value.trim();
  if (name !== '') {
    links = [...links, { title: name, address: address.value.trim(), read: false }];
    title.value = '';
    address.value = '';
    show();
  }
});
