// fails: exported.missing
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}

const address = slug(title);

//// text.js
