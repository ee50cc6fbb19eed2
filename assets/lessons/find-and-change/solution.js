// `title` is given.
const heading = document.querySelector('h1');
heading.textContent = title;
