// The learner's text made ready to run: split into files, loops guarded, imports of its own files found.
// Must never: move a line, or change what the code does other than to let its loops be ended.

const guardName = '__guard';

/** The one text of the editor as files: a line `//// text.js` begins another; each keeps the line numbers of the editor. */
function splitFiles(text) {
  const files = [{ name: 'main.js', lines: [] }];
  text.replace(/\r\n?/g, '\n').split('\n').forEach((line, index) => {
    const mark = /^\/\/\/\/[ \t]+(?:\.\/)?([\w.-]+)[ \t]*$/.exec(line);
    if (mark) files.push({ name: mark[1], lines: new Array(index + 1).fill('') });
    else files.at(-1).lines.push(line);
  });
  return files.map(({ name, lines }) => ({ name, text: lines.join('\n') }));
}

/** Code without comments and without the text in quotes and templates (their quotes and `${…}` stay), for checks of the source. */
function bareCode(text) {
  return tokenize(text).map(([type, at, end]) => {
    const piece = text.slice(at, end);
    if (type === 'comment') return piece.includes('\n') ? '\n' : ' ';
    if (type === 'string') return piece[0] + piece[0];
    if (type === 'template') return (piece[0] === '}' ? '}' : '`') + (piece.length > 1 ? (piece.endsWith('${') ? '${' : '`') : '');
    return piece;
  }).join('');
}

/** Where a `for`, `while` or `do` begins its body: `{ at, line, text }` to be put in. */
function loopGuards(text, tokens) {
  const code = tokens.filter(([type]) => type !== 'space' && type !== 'comment');
  const word = (i) => (code[i] && code[i][0] !== 'string' ? text.slice(code[i][1], code[i][2]) : '');
  const isWord = (i, value) => code[i]?.[0] === 'word' && word(i) === value;
  const lineStarts = [0];
  for (let i = text.indexOf('\n'); i >= 0; i = text.indexOf('\n', i + 1)) lineStarts.push(i + 1);
  const lineOf = (at) => lineStarts.findLastIndex((start) => start <= at) + 1;
  const guards = [], tails = new Set();

  // The index of the bracket that closes the one at `i`.
  function closing(i) {
    for (let depth = 0; i < code.length; i += 1) {
      if (code[i][0] === 'template') {
        const chunk = word(i);
        if (chunk[0] === '}') depth -= 1;
        if (chunk.length > 1 && chunk.endsWith('${')) depth += 1;
      }
      if (code[i][0] !== 'punct') continue;
      if ('([{'.includes(word(i))) depth += 1;
      else if (')]}'.includes(word(i)) && (depth -= 1) === 0) return i;
    }
    return -1;
  }
  // The `while` that ends a `do` at `i`: right after its block, or the first one after its statement.
  function tail(i) {
    if (word(i + 1) === '{') return closing(i + 1) + 1;
    for (let k = i + 1; k < code.length; k += 1) {
      if ('([{'.includes(word(k)) && code[k][0] === 'punct') {
        k = closing(k);
        if (k < 0) return -1;
      } else if (isWord(k, 'while') && !tails.has(k) && [';', '}'].includes(word(k - 1))) return k;
    }
    return -1;
  }
  const guard = (at, from) => {
    const line = lineOf(code[from][1]);
    guards.push({ at, text: `${at === code[from][2] ? ' ' : ''}if(${guardName}(${line}));else ` });
  };

  for (let i = 0; i < code.length; i += 1) {
    if (code[i][0] !== 'word' || ['.', '?.'].includes(word(i - 1))) continue;
    if (word(i) === 'do' && ![':', '=', ',', ')', '('].includes(word(i + 1))) {
      const end = tail(i);
      if (end > 0 && isWord(end, 'while')) {
        tails.add(end);
        guard(code[i][2], i);
      }
    } else if ((word(i) === 'while' && !tails.has(i)) || word(i) === 'for') {
      const head = isWord(i + 1, 'await') ? i + 2 : i + 1;
      const end = word(head) === '(' && code[head][0] === 'punct' ? closing(head) : -1;
      if (end > 0) guard(code[end][2], i);
    }
  }
  return guards.sort((a, b) => a.at - b.at);
}

/** The texts of `import`/`export … from`: `{ at, end, file }` for those that name a file of the lesson. */
function ownImports(text, tokens) {
  const code = tokens.filter(([type]) => type !== 'space' && type !== 'comment');
  const found = [];
  code.forEach(([type, at, end], i) => {
    if (type !== 'string') return;
    const before = code[i - 1] ? text.slice(code[i - 1][1], code[i - 1][2]) : '';
    const call = before === '(' && code[i - 2] && text.slice(code[i - 2][1], code[i - 2][2]) === 'import';
    const name = /^['"]\.\/([\w.-]+)['"]$/.exec(text.slice(at, end));
    if (name && (before === 'from' || before === 'import' || call)) found.push({ at, end, file: name[1] });
  });
  return found;
}

/** A file as pieces to be joined: texts, and `{ file }` where the address of another file goes; `edits` map columns back. */
function prepareFile(text, guarded) {
  const tokens = tokenize(text);
  const changes = ownImports(text, tokens).map(({ at, end, file }) => ({ at, end, piece: { file } }));
  if (guarded) for (const { at, text: piece } of loopGuards(text, tokens)) changes.push({ at, end: at, piece });
  changes.sort((a, b) => a.at - b.at);
  const pieces = [], edits = [];
  let from = 0;
  for (const { at, end, piece } of changes) {
    pieces.push(text.slice(from, at), piece);
    const line = text.slice(0, at).split('\n').length;
    if (typeof piece === 'string') edits.push({ line, col: at - text.lastIndexOf('\n', at - 1), size: piece.length });
    from = end;
  }
  pieces.push(text.slice(from));
  return { pieces, edits, guards: edits.length };
}

/** The column in the editor of a column in the guarded text. */
function originalColumn(edits, line, col) {
  let moved = 0;
  for (let i = 0; i < edits.length; i += 1) {
    const edit = edits[i];
    if (edit.line === line && edit.col + moved + edit.size <= col) moved += edit.size;
  }
  return col - moved;
}
