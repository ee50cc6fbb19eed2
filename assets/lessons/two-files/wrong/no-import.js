// fails: error ReferenceError
const address = slug(title);

//// text.js
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
