// Finds a syntax error and its place without running anything: the text is only parsed (the engine's own error has no place in
// a module that is imported). Needs a document, and takes no inline script (the frame has closed those); the frame does it before it starts a worker.
// Must never: let a word of the learner's code run.

/** `{ name, message, line, col }` of the first syntax error of a file, or null. */
function syntaxError(text, mode) {
  return mode === 'console' ? parseScript(text) : parseModule(text);
}

// A module whose first import cannot be found is parsed whole (a syntax error is told first) and never runs.
async function parseModule(text) {
  const prefix = 'import"~";';
  return parsed('module', prefix, prefix + text);
}

// A function that is never called.
function parseScript(text) {
  const prefix = '(function(){';
  return parsed('', prefix, `${prefix}${text}\n})`);
}

function parsed(type, prefix, text) {
  return new keep.Promise((resolve) => {
    const script = document.createElement('script'), url = keep.blobUrl(new keep.Blob([text], { type: 'text/javascript' }));
    const timer = keep.setTimeout(() => done(null), 2000);
    function done(found) {
      keep.clearTimeout(timer);
      keep.dropUrl(url);
      removeEventListener('error', take, true);
      script.remove();
      resolve(found);
    }
    function take(event) {
      if (!(event instanceof ErrorEvent)) return;
      event.preventDefault();
      event.stopImmediatePropagation();
      const error = event.error, name = error?.name ?? 'SyntaxError';
      if (name !== 'SyntaxError') return done(null);
      const line = event.lineno || null;
      const message = (error?.message ?? event.message).replace(/^.*SyntaxError: |^Failed to execute '\w+' on '\w+': /, '');
      done({ name, message, line, col: line === 1 ? Math.max(1, event.colno - prefix.length) : event.colno || null });
    }
    addEventListener('error', take, true);
    script.type = type;
    script.src = url;
    script.onload = script.onerror = () => done(null);
    document.head.append(script);
  });
}

/** The fault of a syntax error; one found in the bracket that was put after the code is one of the code's end. */
function syntaxFault({ name, message, line, col }, text) {
  const lines = text.split('\n');
  if (line === null || line <= lines.length) {
    const found = faultOf('syntax', name, message, { line, col });
    return { ...found, friendly: lineTrouble(lines[line - 1] ?? '', message) ?? found.friendly };
  }
  const words = /[}]/.test(message) ? 'Unexpected end of input' : message;
  return faultOf('syntax', name, words, { line: lines.length, col: lines.at(-1).length + 1 });
}

/** The task's code as files ready to run, or the syntax error that stands in the way. */
async function prepare(task) {
  const code = task.code.replace(/\r\n?/g, '\n');
  const files = task.mode === 'console' ? [{ name: 'main.js', text: code }] : splitFiles(code);
  const ready = [];
  for (const { name, text } of files) {
    const error = await syntaxError(text, task.mode);
    if (error) {
      return { error: syntaxFault(error, text) };
    }
    let file = prepareFile(text, true);
    // A method that is named `for` or `while` looks like a loop. Without guards the time limit still holds.
    if (file.guards && await syntaxError(file.pieces.map((piece) => (typeof piece === 'string' ? piece : "'./x'")).join(''), task.mode)) file = prepareFile(text, false);
    ready.push({ name, pieces: file.pieces, edits: file.edits });
  }
  return { files: ready };
}
