// fails: clicks.one
const button = document.querySelector('#play');
const count = document.querySelector('#count');
button.addEventListener('click', () => {
  let played = 0;
  played += 1;
  count.textContent = played;
});
