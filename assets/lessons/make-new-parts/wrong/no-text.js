// fails: texts.empty
const list = document.querySelector('#list');
for (const title of titles) {
  const item = document.createElement('li');
  list.append(item);
}
