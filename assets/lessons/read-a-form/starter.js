const form = document.querySelector('#add');
const city = document.querySelector('#city');
const list = document.querySelector('#list');

form.addEventListener('submit', (event) => {
  // TODO: keep the page, add the trimmed city to the list,
  // then empty the field and put the cursor into it
});
