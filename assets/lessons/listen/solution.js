const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;

button.addEventListener('click', () => {
  played += 1;
  count.textContent = played;
});
