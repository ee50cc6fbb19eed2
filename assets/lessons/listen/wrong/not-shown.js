// fails: clicks.none
const button = document.querySelector('#play');
let played = 0;
button.addEventListener('click', () => {
  played += 1;
});
