// What the checks of a page lesson see as `t`, beside 60-check.js: finding parts of the page and acting on them as a person does.
// Must never: reach into the page in a way a person could not (values go in letter by letter, buttons are clicked).

/** Adds find, all, text, click, type, press and submit to `t`. */
function addPageActions(t, fail) {
  const settle = async () => {
    await turn();
    await turn();
  };
  const valueOf = (element) => keep.descriptor(keep.prototype(element), 'value');
  const fire = (element, Kind, type, more) => element.dispatchEvent(new Kind(type, { bubbles: true, cancelable: true, composed: true, ...more }));
  const disabled = (element) => element.matches('button:disabled, input:disabled, select:disabled, textarea:disabled');
  const writes = (element) => element.matches('textarea, input:not([type=checkbox], [type=radio], [type=button], [type=submit], [type=reset], [type=file], [type=range], [type=color])');
  const isButton = (element) => element.matches('button, summary, input[type=button], input[type=submit], input[type=reset]');
  const inputKind = { inputType: 'insertText' };

  async function click(element) {
    if (disabled(element)) return settle();
    fire(element, PointerEvent, 'pointerdown', { isPrimary: true });
    if (fire(element, MouseEvent, 'mousedown', { detail: 1 })) (element.closest('a[href], button, input, select, textarea, summary, [tabindex]') ?? document.body).focus();
    fire(element, PointerEvent, 'pointerup', { isPrimary: true });
    fire(element, MouseEvent, 'mouseup', { detail: 1 });
    element.click();
    return settle();
  }
  function edit(element, change, more) {
    if (!fire(element, InputEvent, 'beforeinput', more) || element.readOnly) return;
    const { get, set } = valueOf(element);
    keep.apply(set, element, [change(keep.apply(get, element, []))]);
    fire(element, InputEvent, 'input', { ...more, cancelable: false });
  }
  async function type(element, text) {
    if (disabled(element)) return settle();
    element.focus();
    for (const letter of `${text}`) {
      if (fire(element, KeyboardEvent, 'keydown', { key: letter }) && writes(element)) {
        fire(element, KeyboardEvent, 'keypress', { key: letter });
        edit(element, (value) => value + letter, { ...inputKind, data: letter });
      }
      fire(element, KeyboardEvent, 'keyup', { key: letter });
    }
    fire(element, Event, 'change', { cancelable: false });
    return settle();
  }
  // Enter in a field sends its form by the form's first button, as browsers do.
  function sendBy(element) {
    const form = element.form;
    if (!form) return;
    const button = [...form.elements].find((one) => one.matches('button:not([type]), button[type=submit], input[type=submit], input[type=image]'));
    if (button) {
      if (!button.disabled) button.click();
    } else if ([...form.elements].filter(writes).length === 1) form.requestSubmit();
  }
  async function press(element, key) {
    if (disabled(element)) return settle();
    element.focus();
    const space = key === ' ' || key === 'Space', name = space ? ' ' : key;
    const go = fire(element, KeyboardEvent, 'keydown', { key: name, code: space ? 'Space' : key });
    if (go) {
      if (name === 'Enter' || space || name.length === 1) fire(element, KeyboardEvent, 'keypress', { key: name });
      if (name === 'Enter') {
        if (isButton(element) || element.matches('a[href]')) element.click();
        else if (element.matches('textarea')) edit(element, (value) => `${value}\n`, { inputType: 'insertLineBreak' });
        else if (element.matches('input, select')) {
          fire(element, Event, 'change', { cancelable: false });
          sendBy(element);
        }
      } else if (name === 'Backspace' && writes(element)) edit(element, (value) => [...value].slice(0, -1).join(''), { inputType: 'deleteContentBackward' });
      else if (name.length === 1 && writes(element)) edit(element, (value) => value + name, { ...inputKind, data: name });
    }
    const up = fire(element, KeyboardEvent, 'keyup', { key: name, code: space ? 'Space' : key });
    if (go && up && space && (isButton(element) || element.matches('input[type=checkbox], input[type=radio]'))) element.click();
    return settle();
  }
  async function submit(form) {
    const button = [...form.elements].find((one) => one.matches('button:not([type]), button[type=submit], input[type=submit], input[type=image]'));
    if (button) return click(button);
    form.requestSubmit();
    return settle();
  }
  const find = (selector) => document.querySelector(selector) ?? fail('missing', { sentence: standardWords.find(selector) });
  Object.assign(t, { find, all: (selector) => [...document.querySelectorAll(selector)], text: (element) => element.textContent.replace(/\s+/g, ' ').trim(), click, type, press, submit });
}

/** In a frame that nobody sees the focus is a pretended one: a real one would be taken from the person who types in the page. */
function pretendFocus() {
  const kinds = 'a[href], button, input, select, textarea, summary, iframe, [tabindex], [contenteditable]';
  let active = null;
  const can = (element) => element.isConnected && element.matches(kinds) && !element.matches(':disabled, input[type=hidden]') && element.checkVisibility?.() !== false;
  function move(next) {
    const last = active;
    if (next === last) return;
    active = next;
    const tell = (element, other, names) => names.forEach((name, i) => element.dispatchEvent(new FocusEvent(name, { bubbles: i === 1, composed: true, relatedTarget: other })));
    if (last?.isConnected) tell(last, next, ['blur', 'focusout']);
    if (next) tell(next, last, ['focus', 'focusin']);
  }
  const put = (object, name, descriptor) => keep.define(object, name, { configurable: true, ...descriptor });
  put(HTMLElement.prototype, 'focus', { writable: true, value: function focus() { if (can(this)) move(this); } });
  put(HTMLElement.prototype, 'blur', { writable: true, value: function blur() { if (active === this) move(null); } });
  put(Document.prototype, 'activeElement', { get: () => (active?.isConnected ? active : document.body) });
  put(Document.prototype, 'hasFocus', { writable: true, value: () => true });
}
