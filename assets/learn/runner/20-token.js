// A tokenizer of JavaScript: enough to tell code from text, comments, regular expressions and templates, in one pass.
// Must never: run or change anything, or throw, whatever the text is (half-typed code is the usual case).

// [type, start, end] with type: space comment string template regex number word punct. Each character is in one token.
const beforeRegex = new Set(['return', 'typeof', 'case', 'in', 'of', 'instanceof', 'new', 'delete', 'void', 'throw', 'yield', 'await', 'else', 'do', 'extends', 'default']);
const headWords = new Set(['if', 'while', 'for', 'with']);
const blockWords = new Set(['else', 'do', 'try', 'finally']);

function tokenize(text) {
  const tokens = [], open = [];
  let at = 0, last = null, lastText = '', closedHead = false, closedBlock = false;
  const space = /\s+/y, word = /[#\p{ID_Start}$_\\][\p{ID_Continue}$\u200c\u200d\\]*/uy;
  const number = /(?:0[xob][\da-f_]+|(?:\d[\d_]*\.?[\d_]*|\.\d[\d_]*)(?:e[+-]?\d[\d_]*)?)n?/iy;
  const punct = /=>|\+\+|--|\?\.(?!\d)|\.\.\.|[^\s]/uy;

  function end(pattern) {
    pattern.lastIndex = at;
    const found = pattern.exec(text);
    return found && found[0] ? at + found[0].length : 0;
  }
  function quoted(quote) {
    let i = at + 1;
    while (i < text.length && text[i] !== quote && text[i] !== '\n') i += text[i] === '\\' ? 2 : 1;
    return Math.min(text.length, text[i] === quote ? i + 1 : i);
  }
  // From after a backtick or a closing brace to the next backtick or `${`.
  function template(from) {
    let i = from;
    while (i < text.length) {
      if (text[i] === '\\') i += 2;
      else if (text[i] === '`') return i + 1;
      else if (text[i] === '$' && text[i + 1] === '{') {
        open.push({ kind: 'template' });
        return i + 2;
      } else i += 1;
    }
    return text.length;
  }
  function regex() {
    let i = at + 1, set = false;
    for (; i < text.length && text[i] !== '\n'; i += 1) {
      if (text[i] === '\\') i += 1;
      else if (text[i] === '[') set = true;
      else if (text[i] === ']') set = false;
      else if (text[i] === '/' && !set) {
        i += 1;
        while (i < text.length && /[a-z]/i.test(text[i])) i += 1;
        return i;
      }
    }
    return 0;
  }
  function regexMayStart() {
    if (last === null || last === 'template-open') return true;
    if (last === 'word') return beforeRegex.has(lastText);
    if (last !== 'punct') return false;
    if (lastText === ')') return closedHead;
    if (lastText === '}') return closedBlock;
    return !(lastText === ']' || lastText === '++' || lastText === '--');
  }
  function brackets(sign) {
    if (sign === '(') open.push({ kind: '(', head: last === 'word' && headWords.has(lastText) });
    else if (sign === '[') open.push({ kind: '[' });
    else if (sign === '{') {
      const block = last === null || (last === 'word' && blockWords.has(lastText)) || (last === 'punct' && [')', ';', '{', '}', '=>'].includes(lastText));
      open.push({ kind: '{', block });
    } else if (sign === ')' || sign === ']' || sign === '}') {
      const opened = open.pop();
      closedHead = sign === ')' && !!opened?.head;
      closedBlock = sign === '}' && !!opened?.block;
    }
  }
  function put(type, to) {
    tokens.push([type, at, to]);
    if (type !== 'space' && type !== 'comment') {
      last = type === 'template' && to - at > 1 && text.slice(to - 2, to) === '${' ? 'template-open' : type;
      lastText = type === 'word' || type === 'punct' ? text.slice(at, to) : '';
    }
    at = to;
  }

  while (at < text.length) {
    const sign = text[at], next = text[at + 1];
    let to;
    if ((to = end(space))) put('space', to);
    else if (sign === '/' && next === '/') put('comment', ((i) => (i < 0 ? text.length : i))(text.indexOf('\n', at)));
    else if (sign === '/' && next === '*') put('comment', ((i) => (i < 0 ? text.length : i + 2))(text.indexOf('*/', at + 2)));
    else if (sign === '"' || sign === "'") put('string', quoted(sign));
    else if (sign === '`') put('template', template(at + 1));
    else if (sign === '}' && open.at(-1)?.kind === 'template') {
      open.pop();
      put('template', template(at + 1));
    } else if (sign === '/' && regexMayStart() && (to = regex())) put('regex', to);
    else if ((to = end(word))) put('word', to);
    else if (/[\d.]/.test(sign) && (to = end(number))) put('number', to);
    else {
      to = end(punct) || at + 1;
      brackets(text.slice(at, to));
      put('punct', to);
    }
  }
  return tokens;
}
