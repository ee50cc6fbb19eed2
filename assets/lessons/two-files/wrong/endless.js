// fails: stopped
import { slug } from './text.js';

const address = slug(title);

//// text.js
export function slug(text) {
  while (text.includes(' ')) {
    text.replace(' ', '-');
  }
  return text.toLowerCase();
}
