// The talk about a lesson may show solutions: it is closed but for those who have passed the lesson, or came for one comment.
(() => {
  const talk = document.querySelector('details.spoilers');
  if (!talk) return;
  const { me } = document.documentElement.dataset, owner = site.get('learn-owner', me);
  const passed = (!me || owner === me) && site.get('learn', null)?.lessons?.[talk.dataset.lesson]?.passed;
  const open = () => { if (location.hash.startsWith('#c_')) talk.open = true; };
  if (passed) talk.open = true;
  open();
  addEventListener('hashchange', open);
})();
