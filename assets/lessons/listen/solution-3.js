// reads the number from the page itself
document.querySelector('main').addEventListener('click', function (event) {
  if (event.target.id !== 'play') return;
  const count = document.getElementById('count');
  count.innerText = Number(count.innerText) + 1;
  console.log('played', count.innerText);
});
