// The first minute of the course, on the front page: who has begun is led on; who turns to the line gets what runs it, and
// only then.
(() => {
  const root = document.querySelector('.first');
  if (!root) return;
  const next = site.get('learn-next', null);
  if (next?.id && Object.keys(site.get('learn', {}).lessons ?? {}).length) {
    const link = root.querySelector('.first-go a');
    link.href = '/learn/' + encodeURIComponent(next.id);
    link.textContent = 'Continue: lesson ' + next.number;
    link.nextElementSibling.textContent = next.title;
    root.dataset.begun = '';
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
