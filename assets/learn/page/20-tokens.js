// Splits JavaScript into coloured tokens, line by line. For looks only: it never fails, and nothing depends on its being right.
(() => {
  const words = new Set(('async await break case catch class const continue debugger default delete do else export extends false finally for ' +
    'from function get if import in instanceof let new null of return set static super switch this throw true try typeof undefined var void while yield').split(' '));
  // Words that are names unless they stand where the word has its meaning; colouring them only there would take a parser.
  const soft = new Set(['from', 'of', 'get', 'set', 'static', 'async']);
  const piece = /\/\/[^\n]*|\/\*[^]*?(?:\*\/|$)|"(?:\\[^]|[^"\\\n])*"?|'(?:\\[^]|[^'\\\n])*'?|(?:0[xXbBoO][\da-fA-F_]+|(?:\d[\d_]*)?\.?\d[\d_]*(?:[eE][+-]?\d+)?)n?|[#@]?[\p{ID_Start}$_][\p{ID_Continue}$\u200c\u200d]*|=>|[^]/uy;
  const regex = /\/(?![*/])(?:\\[^\n]|\[(?:\\[^\n]|[^\]\\\n])*\]|[^/\\[\n])+\/[a-z]*/y;

  /** Whether a `/` after this token begins a regular expression. */
  const opens = (last) => !last || /^[([{,;:=!&|?+\-*%<>~^]$|^=>$/.test(last) || /^(?:return|typeof|case|of|in|void|delete|throw|await|yield|else|do)$/.test(last);

  function scan(code) {
    const tokens = [];
    const depth = []; // open braces within each `${`
    let at = 0, last = '', inTemplate = false;
    const add = (k, s) => { if (s) tokens.push({ k, s }); at += s.length; };
    while (at < code.length) {
      if (inTemplate) {
        const rest = code.slice(at).match(/^(?:\\[^]|\$(?!\{)|[^`\\$])*/)[0];
        add('s', rest);
        if (code[at] === '`') { add('s', '`'); inTemplate = false; last = '`'; }
        else if (code.startsWith('${', at)) { add('p', '${'); depth.push(0); inTemplate = false; last = '{'; }
        continue;
      }
      const c = code[at];
      if (c === '`') { add('s', c); inTemplate = true; continue; }
      if (c === '/' && opens(last)) {
        regex.lastIndex = at;
        const found = regex.exec(code);
        if (found) { add('s', found[0]); last = 'regex'; continue; }
      }
      piece.lastIndex = at;
      const s = piece.exec(code)?.[0] ?? c;
      if (c === '{' && depth.length) depth[depth.length - 1] += 1;
      if (c === '}' && depth.length) {
        if (depth.at(-1) === 0) { depth.pop(); add('p', s); inTemplate = true; continue; }
        depth[depth.length - 1] -= 1;
      }
      const k = kind(s, last, code, at + s.length);
      add(k, s);
      if (k !== 'c' && s.trim()) last = s;
    }
    return tokens;
  }
  function kind(s, last, code, end) {
    if (s.startsWith('//') || s.startsWith('/*')) return 'c';
    if (/^["']/.test(s)) return 's';
    if (/^\.?\d/.test(s)) return 'n';
    if (!/^[\p{ID_Start}$_]/u.test(s)) return 'p';
    const next = code.slice(end).match(/^\s*(.?)/)[1];
    if (words.has(s) && last !== '.' && !(soft.has(s) && /^[(=.,;)]?$/.test(next))) return 'k';
    return next === '(' ? 'f' : 'p';
  }

  /** The lines of a text, each a list of { k, s }: k keyword, s string, n number, f function, c comment, p plain. */
  learn.tokens = (code) => {
    const lines = [[]];
    for (const { k, s } of scan(code)) {
      s.split('\n').forEach((part, i) => {
        if (i) lines.push([]);
        if (!part) return;
        const line = lines.at(-1), before = line.at(-1);
        if (before?.k === k) before.s += part; else line.push({ k, s: part });
      });
    }
    return lines;
  };

  /** Fills an element with coloured tokens. */
  learn.paint = (el, tokens) => {
    el.replaceChildren(...tokens.map(({ k, s }) => (k === 'p' ? s : learn.el('span', { className: 'h' + k, textContent: s }))));
  };
})();
