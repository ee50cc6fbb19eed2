// Brings to life what this page has of the course. Everything that is used only on a press is looked up then.
(() => {
  const found = (selector, act) => { const el = document.querySelector(selector); if (el) act(el); };
  found('.lesson[data-lesson]', learn.lesson);
  found('.course-map', learn.map);
  found('.course-done', learn.done);
  found('.counting', learn.counting);
  found('[data-offline]', (el) => learn.offline(el.dataset.offline, el.dataset.runner));
})();
