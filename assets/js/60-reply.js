// Reply in place: "reply" clones the page's comment form under the comment; selected text becomes a quotation. Fallback: /c/{id}/reply.
(() => {
  const model = document.querySelector('form.write:is([action^="/s/"], [action^="/learn/"])');
  const picked = { id: '', text: '' };

  // remembered while it exists: pressing "reply" drops the selection on touch screens
  document.addEventListener('selectionchange', () => {
    const sel = getSelection();
    if (!sel || sel.isCollapsed) { setTimeout(() => { if (getSelection()?.isCollapsed) picked.text = ''; }, 400); return; }
    const from = (node) => (node?.nodeType === 1 ? node : node?.parentElement)?.closest('.text');
    const text = from(sel.anchorNode);
    if (!text || text !== from(sel.focusNode)) return;
    picked.id = text.closest('.c')?.id || '';
    picked.text = sel.toString();
  });
  const quote = (text) => text.trim().split('\n').map((line) => ('> ' + line).trimEnd()).join('\n') + '\n\n';

  function insert(area, text) {
    const before = area.value && !area.value.endsWith('\n\n') ? area.value.trimEnd() + '\n\n' : area.value;
    area.value = before + text;
    area.dispatchEvent(new Event('input', { bubbles: true }));
  }
  function open(comment) {
    const id = comment.id.slice(2);
    let form = document.getElementById('reply_' + id);
    if (!form) {
      form = model.cloneNode(true);
      form.id = 'reply_' + id;
      form.classList.add('reply-here');
      form.querySelectorAll('.err, .preview').forEach((el) => el.remove());
      for (const el of form.querySelectorAll('[id]')) el.id += '_' + id;
      for (const el of form.querySelectorAll('[for]')) el.htmlFor += '_' + id;
      for (const el of form.querySelectorAll('[aria-describedby]')) {
        el.setAttribute('aria-describedby', el.getAttribute('aria-describedby').split(' ').map((x) => x + '_' + id).join(' '));
        el.removeAttribute('aria-invalid');
      }
      const area = form.querySelector('textarea');
      area.value = area.defaultValue = '';
      form.querySelector('label').textContent = 'Reply to ' + (comment.querySelector(':scope > .by .user')?.textContent || 'this comment');
      (form.querySelector('[name=parent]') || form.appendChild(Object.assign(document.createElement('input'), { type: 'hidden', name: 'parent' }))).value = id;
      form.dataset.draft = model.dataset.draft.split('-')[0] + '-' + id;
      const cancel = Object.assign(document.createElement('button'), { type: 'button', className: 'link', textContent: 'Cancel' });
      cancel.addEventListener('click', () => { form.hidden = true; comment.querySelector('.acts .reply')?.focus(); });
      form.querySelector('.row').append(cancel);
      comment.querySelector(':scope > .fold > .acts').after(form);
      site.restore(form);
    }
    form.hidden = false;
    const area = form.querySelector('textarea');
    if (picked.text && picked.id === comment.id) { insert(area, quote(picked.text)); picked.text = ''; }
    area.focus();
    area.setSelectionRange(area.value.length, area.value.length);
  }
  document.addEventListener('click', (e) => {
    const link = e.target.closest?.('a.reply');
    const comment = link?.closest('.thread .c');
    if (!comment || !model || e.ctrlKey || e.metaKey || e.shiftKey || !comment.querySelector(':scope > .fold')) return;
    e.preventDefault();
    open(comment);
  });
  // on the reply page itself and elsewhere: quote into the form that is there
  site.quote = () => {
    const comment = picked.text && document.getElementById(picked.id);
    if (comment) comment.querySelector('.acts .reply')?.click();
    else if (picked.text && model) { insert(model.querySelector('textarea'), quote(picked.text)); model.querySelector('textarea').focus(); }
  };
})();
