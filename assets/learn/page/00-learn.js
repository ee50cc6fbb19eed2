// Learn JavaScript, in the page. One global that the files beside this one add to, and the few helpers that they share.
// Never: markup made from strings. What a learner or a lesson wrote goes into the document as text.
const learn = {};
(() => {
  /** An element with properties and children. */
  learn.el = (name, properties = {}, ...children) => {
    const el = Object.assign(document.createElement(name), properties);
    el.append(...children);
    return el;
  };

  /** A button that looks like a link or like a button, with what it does. */
  learn.button = (label, act, className = 'link') => {
    const button = learn.el('button', { type: 'button', className, textContent: label });
    button.addEventListener('click', act);
    return button;
  };

  /** A sentence in plain text, where what stands between backticks is code. */
  learn.coded = (text) => String(text).split('`').map((piece, i) => (i % 2 ? learn.el('code', { textContent: piece }) : piece));

  /** "1 check", "3 checks". */
  learn.count = (n, noun) => n + ' ' + noun + (n === 1 ? '' : 's');

  /** A question asked in place, beside the button that leads to it: nothing happens before a second press, and Escape leaves. */
  learn.ask = (opener, question, yes, act, no = 'Cancel') => {
    if (opener.hidden) return;
    const box = learn.el('div', { className: 'ask' });
    box.setAttribute('role', 'group');
    box.setAttribute('aria-label', question);
    const close = () => { box.remove(); opener.hidden = false; opener.focus(); };
    const agree = learn.button(yes, () => { close(); act(); }, 'button');
    box.append(learn.el('span', { textContent: question }), agree, learn.button(no, close));
    box.addEventListener('keydown', (e) => { if (e.key === 'Escape') { e.stopPropagation(); close(); } });
    opener.hidden = true;
    opener.after(box);
    agree.focus();
  };

  /** Calls `act` once, `ms` after the last call; `flush` does it now when it is due. */
  learn.later = (act, ms) => {
    let timer = 0;
    const now = () => { timer = 0; act(); };
    const call = () => { clearTimeout(timer); timer = setTimeout(now, ms); };
    call.flush = () => { if (timer) { clearTimeout(timer); now(); } };
    call.drop = () => { clearTimeout(timer); timer = 0; };
    return call;
  };

  /** Calls `act` when the page may be left for good. */
  learn.leaving = (act) => {
    addEventListener('pagehide', act);
    document.addEventListener('visibilitychange', () => { if (document.hidden) act(); });
  };
})();
