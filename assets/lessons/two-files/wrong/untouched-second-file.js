// fails: imported.missing
function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}

const address = slug(title);
console.log(address);

//// text.js
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
