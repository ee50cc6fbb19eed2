const button = document.querySelector('#play');
const count = document.querySelector('#count');
let played = 0;

// TODO: at each click on the button, add 1 to played and show it in count
