// Folded branches stay folded: comment ids are remembered in this browser, the newest 500 of them.
(() => {
  const limit = 500;
  const folded = new Set(site.get('folds', []));
  if (folded.size) {
    for (const id of folded) {
      const fold = document.querySelector('#' + CSS.escape(id) + ' > .fold');
      if (fold && !fold.querySelector('.c:target, .here')) fold.open = false;
    }
  }
  // the branch of the comment that the address names is always open
  function reveal() {
    let at = location.hash.startsWith('#c_') && document.getElementById(location.hash.slice(1));
    if (!at) return;
    for (let f = at.querySelector(':scope > .fold'); f; f = f.parentElement.closest('.fold')) f.open = true;
    at.scrollIntoView();
  }
  reveal();
  addEventListener('hashchange', reveal);
  document.addEventListener('click', (e) => {
    const fold = e.target.closest?.('.fold > summary')?.parentElement;
    const id = fold?.parentElement.id;
    if (!id) return;
    folded.delete(id);
    if (fold.open) folded.add(id); // still open: this click closes it
    site.set('folds', [...folded].slice(-limit));
  });
})();
