// `title` is given.
import { slug } from './text.js';

const address = slug(title);
console.log(address);

//// text.js
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
