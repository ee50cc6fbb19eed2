// no array at all: the list on the page is the list
document.querySelector('form').addEventListener('submit', function (event) {
  event.preventDefault();
  const [title, address] = this.elements;
  if (title.value.trim() === '') {
    console.log('nothing to add');
    return;
  }
  const item = document.createElement('li');
  const a = document.createElement('a');
  a.setAttribute('href', address.value.trim());
  a.innerText = title.value.trim();
  item.appendChild(a);
  document.getElementById('list').appendChild(item);
  title.value = address.value = '';
});
