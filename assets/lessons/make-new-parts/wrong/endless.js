// fails: stopped
const list = document.querySelector('#list');
let i = 0;
while (i < titles.length) {
  const item = document.createElement('li');
  item.textContent = titles[i];
}
