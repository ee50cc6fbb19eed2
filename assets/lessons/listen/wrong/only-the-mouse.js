// fails: keyboard.mouse
const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;
button.addEventListener('mousedown', () => {
  played += 1;
  count.textContent = played;
});
