// fails: clicks.none
const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;
button.addEventListener('onclick', () => {
  played += 1;
  count.textContent = played;
});
