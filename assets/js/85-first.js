// The first minute of the course, on the front page: who has begun is led on; who turns to the line gets what runs it, and only then.
(() => {
  const root = document.querySelector('.first');
  if (!root) return;
  const begun = site.get('learn', {}), next = site.get('learn-next', null);
  if (next?.id && Object.keys(begun.lessons ?? {}).length) {
    const go = root.querySelector('.first-go'), link = go.querySelector('a');
    link.href = '/learn/' + encodeURIComponent(next.id);
    link.textContent = 'Continue: lesson ' + next.number;
    go.querySelector('span').textContent = next.title;
    root.querySelector('h2').textContent = 'Learn JavaScript';
    root.querySelector('form').hidden = root.querySelector('.first-say').hidden = true;
    go.hidden = false;
    return;
  }
  const form = root.querySelector('form');
  let ready = null;
  const load = () => (ready ??= new Promise((resolve, reject) => {
    const script = document.createElement('script');
    script.src = root.dataset.script;
    script.onload = () => resolve(learn.first(root));
    script.onerror = () => { ready = null; reject(new Error('no connection')); };
    document.head.append(script);
  }));
  form.addEventListener('focusin', () => load().catch(() => {}), { once: true });
  form.addEventListener('submit', (e) => {
    e.preventDefault();
    load().then((start) => start()).catch(() => form.submit());
  });
})();
