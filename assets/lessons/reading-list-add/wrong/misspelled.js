// fails: address.name
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
    anchor.href = link.adress;
    const item = document.createElement('li');
    item.append(anchor);
    list.append(item);
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  const name = title.value.trim();
  if (name !== '') {
    links = [...links, { title: name, address: address.value.trim() }];
    title.value = '';
    address.value = '';
    show();
  }
});
