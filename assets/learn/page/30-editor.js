// The editor: the browser's own text field, with the same text painted in colours on top of it. So undo, selection, touch
// keyboards and screen readers are the browser's. Never: a key that traps, a character that the learner did not type
// (but the indentation after Enter), a change that the browser's undo does not know.
(() => {
  const step = '  ';

  /** Types text where the caret is, as a person would, so that undo works. */
  function type(area, text) {
    area.focus({ preventScroll: true });
    if (document.execCommand(text ? 'insertText' : 'delete', false, text)) return;
    area.setRangeText(text, area.selectionStart, area.selectionEnd, 'end');
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
  const lineStart = (area, at = area.selectionStart) => area.value.lastIndexOf('\n', at - 1) + 1;

  function newLine(area) {
    const { value, selectionStart: from, selectionEnd: to } = area;
    const indent = value.slice(lineStart(area), from).match(/^[ \t]*/)[0];
    const opened = /[{([]$/.test(value.slice(0, from).trimEnd()) && !/\n\s*$/.test(value.slice(0, from));
    const closes = opened && /^[ \t]*[})\]]/.test(value.slice(to));
    type(area, '\n' + indent + (opened ? step : '') + (closes ? '\n' + indent : ''));
    if (closes) area.setSelectionRange(area.selectionStart - indent.length - 1, area.selectionStart - indent.length - 1);
  }
  /** A closing bracket that begins a line goes back to the depth of its opening one. */
  function closing(area, bracket) {
    const start = lineStart(area), before = area.value.slice(start, area.selectionStart);
    if (area.selectionStart !== area.selectionEnd || !before || before.trim() || !before.endsWith(step)) return false;
    area.setSelectionRange(area.selectionStart - step.length, area.selectionStart);
    type(area, bracket);
    return true;
  }
  function indent(area, isBack) {
    const from = area.selectionStart, to = area.selectionEnd;
    if (from === to && !isBack) { type(area, step); return; }
    const start = lineStart(area), text = area.value.slice(start, to);
    const moved = text.split('\n').map((line) => (isBack ? line.replace(/^ {1,2}|^\t/, '') : line && step + line)).join('\n');
    if (moved === text) return;
    const first = moved.split('\n')[0].length - text.split('\n')[0].length;
    area.setSelectionRange(start, to);
    type(area, moved);
    const end = start + moved.length;
    area.setSelectionRange(from === to ? end : Math.max(start, from + first), end);
  }

  /** What the Tab key does is the learner's choice, kept; the first Tab after Escape always leaves. */
  function tabs(area, box) {
    let leaving = false;
    if (box) {
      box.checked = site.get('learn-tab', false) === true;
      box.addEventListener('change', () => site.set('learn-tab', box.checked || null));
    }
    area.addEventListener('blur', () => { leaving = false; });
    return (e) => {
      if (e.key === 'Escape') { leaving = true; return false; }
      if (e.key !== 'Tab') { if (!['Shift', 'Control', 'Alt', 'Meta'].includes(e.key)) leaving = false; return false; }
      if (leaving || !box?.checked || e.ctrlKey || e.metaKey || e.altKey) return false;
      indent(area, e.shiftKey);
      return true;
    };
  }

  /** Buttons for what touch keyboards hide. They do not take the focus, so the keyboard stays. */
  function symbols(area, bar) {
    if (!bar) return;
    bar.addEventListener('pointerdown', (e) => e.preventDefault());
    bar.addEventListener('click', (e) => {
      const key = e.target.closest('button');
      if (!key) return;
      const move = { left: -1, right: 1 }[key.dataset.move];
      if (!move) { type(area, key.dataset.type); return; }
      const at = Math.min(area.value.length, Math.max(0, (move < 0 ? area.selectionStart : area.selectionEnd) + move));
      area.focus({ preventScroll: true });
      area.setSelectionRange(at, at);
    });
  }

  /** Colours, line numbers and the mark on a line. */
  function painter(area, paint) {
    const long = 30000;
    let known = [];
    return function draw(marked) {
      const text = area.value;
      const lines = text.length > long ? text.split('\n').map((s) => (s ? [{ k: 'p', s }] : [])) : learn.tokens(text);
      while (paint.children.length > lines.length) paint.lastElementChild.remove();
      lines.forEach((tokens, i) => {
        const key = JSON.stringify(tokens);
        let row = paint.children[i];
        if (!row) { row = learn.el('span', { className: 'ln' }); paint.append(row); known[i] = null; }
        if (known[i] !== key) { learn.paint(row, tokens); row.append('\n'); known[i] = key; }
        row.toggleAttribute('data-bad', i + 1 === marked);
      });
      known.length = lines.length;
    };
  }

  /** Brings the editor in `root` to life: `tabBox` says whether Tab indents, `signs` is the bar of signs; `onRun()`, `onEdit()`. */
  learn.editor = (root, { tabBox, signs, onRun, onEdit }) => {
    const area = root.querySelector('textarea'), note = root.querySelector('.ed-note');
    const draw = painter(area, root.querySelector('.ed-paint'));
    const isConsole = root.dataset.mode === 'console';
    const tab = tabs(area, tabBox);
    let marked = 0;
    symbols(area, signs);

    area.addEventListener('keydown', (e) => {
      if (e.isComposing) return;
      if (tab(e)) { e.preventDefault(); return; }
      const isRun = e.key === 'Enter' && (e.ctrlKey || e.metaKey || (isConsole && !e.shiftKey && !e.altKey));
      if (isRun) { e.preventDefault(); e.stopPropagation(); onRun(); }
      else if (e.key === 'Enter' && !e.altKey && !(e.shiftKey && !isConsole)) { e.preventDefault(); newLine(area); }
      else if (/^[})\]]$/.test(e.key) && !e.ctrlKey && !e.metaKey && closing(area, e.key)) e.preventDefault();
    });
    area.addEventListener('input', () => { mark(0); onEdit(); });

    /** Marks a line as the one to look at; 0: none. */
    function mark(line, text = '') {
      marked = line;
      area.toggleAttribute('aria-invalid', false);
      if (line) area.setAttribute('aria-invalid', 'true');
      note.textContent = line ? 'Line ' + line + ': ' + text : '';
      draw(marked);
    }
    /** Puts the caret into a line. */
    function go(line, col = 1) {
      const lines = area.value.split('\n'), i = Math.min(Math.max(1, line), lines.length) - 1;
      const start = lines.slice(0, i).reduce((sum, one) => sum + one.length + 1, 0);
      area.focus();
      area.setSelectionRange(start + Math.min(Math.max(0, col - 1), lines[i].length), start + lines[i].length);
    }
    /** Replaces the whole text in one step of undo. */
    function replace(text) {
      area.focus({ preventScroll: true });
      area.select();
      type(area, text);
      area.setSelectionRange(0, 0);
    }
    root.dataset.painted = '';
    draw(0);
    return {
      area, mark, go, replace,
      get text() { return area.value; },
      /** Sets the text before anybody typed: not a step of undo. */
      set text(text) { area.value = text; draw(marked); },
    };
  };
})();
