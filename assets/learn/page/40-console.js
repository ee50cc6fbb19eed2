// The console as the learner sees it: lines of coloured parts, each with the line of code that wrote it. Text only.
(() => {
  const colours = { string: 'hs', number: 'hn', keyword: 'hk', key: 'hf', error: 'he' };
  const said = { warn: 'Warning: ', error: 'Error: ', alert: 'alert: ', result: 'Result: ' };

  /** Parts or a plain string as nodes. */
  learn.parts = (parts) => {
    const list = Array.isArray(parts) ? parts : [{ k: 'plain', s: String(parts ?? '') }];
    return list.map((part) => {
      const className = colours[part?.k];
      const s = String(part?.s ?? part ?? '');
      return className ? learn.el('span', { className, textContent: s }) : s;
    });
  };

  /** The console in `list`; `onLine(n)` is called for a press on a line's number. */
  learn.console = (list, onLine) => {
    const clear = () => list.replaceChildren();
    function add({ level = 'log', parts, line }) {
      const row = learn.el('li', { className: 'con-' + level });
      if (said[level]) row.append(learn.el('span', { className: 'sr', textContent: said[level] }));
      row.append(learn.el('span', { className: 'con-text' }, ...learn.parts(parts)));
      if (line > 0 && onLine) {
        const at = learn.button(String(line), () => onLine(line), 'con-line');
        at.setAttribute('aria-label', 'Go to line ' + line);
        row.append(at);
      }
      list.append(row);
    }
    return { clear, add };
  };
})();
