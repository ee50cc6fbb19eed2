// fails: kept.unstored
const form = document.querySelector('#add');
const title = document.querySelector('#title');
const address = document.querySelector('#address');
const list = document.querySelector('#list');
const unread = document.querySelector('#unread');

let links = [];

function save() {
  localStorage.setItem('links', JSON.stringify(links));
}

async function load() {
  try {
    const stored = JSON.parse(localStorage.getItem('links'));
    if (stored !== null) {
      return stored;
    }
    const response = await fetch('/starters.json');
    if (response.ok) {
      return await response.json();
    }
  } catch (error) {
    console.log('The list starts empty:', error.message);
  }
  return [];
}

function visible() {
  if (unread.checked) {
    return links.filter((link) => link.read === false);
  }
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
      save();
      show();
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

unread.addEventListener('change', show);

links = await load();
show();
