// fails: stopped
const heading = document.querySelector('h1');
let text = heading.textContent;
while (heading.textContent !== title) {
  text = title;
}
