// fails: items.outside
const page = document.querySelector('main');
for (const title of titles) {
  const item = document.createElement('li');
  item.textContent = title;
  page.append(item);
}
