const form = document.querySelector('#add');
const title = document.querySelector('#title');
const address = document.querySelector('#address');
const list = document.querySelector('#list');

let links = [];

function show() {
  list.textContent = '';
  for (const link of links) {
    // TODO 1: make an li with a link in it, and append it to list
  }
}

form.addEventListener('submit', (event) => {
  event.preventDefault();
  // TODO 2: unless the title is blank, put { title, address } at the end
  // of links, empty both fields, and call show
});
