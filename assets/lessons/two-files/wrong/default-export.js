// fails: exported.default
import slug from './text.js';

const address = slug(title);

//// text.js
export default function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
