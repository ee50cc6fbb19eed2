// fails: address
import { slug } from './text.js';

const address = 'rain-in-oslo';

//// text.js
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
