import { slug as makeSlug } from './text.js';
const address = makeSlug(title);
//// text.js
export function slug(text) {
  return text.toLowerCase().replaceAll(' ', '-');
}
