for (let i = 0; i < titles.length; i++) {
  const li = document.createElement('li');
  document.getElementById('list').appendChild(li).innerText = titles[i];
  console.log(i, li);
}
