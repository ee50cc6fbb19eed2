// The first minute of the course, on the front page: who has begun is led on; who turns to the line gets what runs it, and
// only then.
(() => {
  const root = document.querySelector('.first');
  if (!root) return;
  const next = site.get('learn-next', null), lessons = site.get('learn', {}).lessons ?? {};
  if ((next?.id || next?.done) && Object.keys(lessons).length) {
    const link = root.querySelector('.first-go a');
    [link.href, link.textContent, link.nextElementSibling.textContent] = way(next);
    root.dataset.begun = '';
    return;
  }
  /** Address, words and title of the way on; what is kept of it: assets/learn/page/52-place.js. */
  function way({ id, number, kind, title, done }) {
    if (done === 'all') return ['/resources', 'Where to go on', 'You have done all of the course.'];
    if (done) return ['/learn', 'More of the course', 'You have passed all its lessons.'];
    if (lessons[id]?.passed) return ['/learn', 'Back to the course', ''];
    const name = kind ? ': ' + kind.toLowerCase() : number ? ': lesson ' + number : '';
    return ['/learn/' + encodeURIComponent(id), 'Continue' + name, title ?? ''];
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
