// fails: exported.file
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}

const address = slug(title);
