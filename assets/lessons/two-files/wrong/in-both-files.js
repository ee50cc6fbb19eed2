// fails: error SyntaxError
import { slug } from './text.js';

function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}

const address = slug(title);

//// text.js
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
