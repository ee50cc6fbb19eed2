import * as tools from './text.js';

console.log('making an address for', title);
const address = tools.slug(title);

//// text.js
// words are joined one by one
export const slug = function (text) {
  let result = '';
  for (const sign of text.toLowerCase()) {
    result += sign === ' ' ? '-' : sign;
  }
  return result;
};
