// fails: heading.untouched
let text = document.querySelector('h1').textContent;
text = title;
