// `titles` is given: an array of texts.
const list = document.querySelector('#list');

for (const title of titles) {
  // TODO: make an li, give it the title as its text, append it to list
}
