// fails: stopped
const form = document.querySelector('#add');
const title = document.querySelector('#title');
const address = document.querySelector('#address');
const list = document.querySelector('#list');

let links = [];

function show() {
  list.textContent = '';
  let i = 0;
  while (i < links.length) {
    const link = links[i];
    const anchor = document.createElement('a');
    anchor.textContent = link.title;
    anchor.href = link.address;
    const item = document.createElement('li');
    item.append(anchor);
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
