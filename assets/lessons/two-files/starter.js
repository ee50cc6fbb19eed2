// `title` is given.
function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}

const address = slug(title);
console.log(address);

//// text.js
// TODO: move slug to this file and export it, then import it above
