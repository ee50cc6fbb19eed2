// fails: clicks.fixed
const button = document.querySelector('#play');
const count = document.querySelector('#count');
button.addEventListener('click', () => {
  count.textContent = 3;
});
