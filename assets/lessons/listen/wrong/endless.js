// fails: stopped
const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;
let open = true;
button.addEventListener('click', () => {
  played += 1;
});
while (open) {
  count.textContent = played;
}
