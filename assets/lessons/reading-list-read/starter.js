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
    item.append(anchor);
    // TODO 1: append a label with a checkbox in it; the box is checked
    // if link.read is true, and a change of it goes into link.read
    list.append(item);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = title.value.trim();
  if (name !== '') {
    // TODO 2: each new link gets a third field: read, which is false
    links = [...links, { title: name, address: address.value.trim() }];
    title.value = '';
    address.value = '';
    show();
  }
});
