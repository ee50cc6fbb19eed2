// fails: error SyntaxError
import { slug } from './text.js';

const address = slug(title);

//// text.js
function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
