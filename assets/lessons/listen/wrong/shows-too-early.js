// fails: clicks.behind
const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;
button.addEventListener('click', () => {
  count.textContent = played;
  played += 1;
});
