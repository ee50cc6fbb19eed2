const form = document.querySelector('#add');
const title = document.querySelector('#title');
const address = document.querySelector('#address');
const list = document.querySelector('#list');
const unread = document.querySelector('#unread');

let links = [];

function visible() {
  // TODO 1: if unread is checked, return only the links that are not read
  return links;
}

function show() {
  list.textContent = '';
  for (const link of visible()) {
    const anchor = document.createElement('a');
    anchor.textContent = link.title;
    anchor.href = link.address;
    const item = document.createElement('li');
    const box = document.createElement('input');
    box.type = 'checkbox';
    box.checked = link.read;
    box.addEventListener('change', () => {
      link.read = box.checked;
      // TODO 2: show the list anew
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

// TODO 3: when unread changes, show the list anew
