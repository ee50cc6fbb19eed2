// fails: start.called
const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;
function play() {
  played += 1;
  count.textContent = played;
}
button.addEventListener('click', play());
