// fails: heading.untouched
let heading = document.querySelector('h1');
heading = title;
