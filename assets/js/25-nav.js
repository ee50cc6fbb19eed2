// On a narrow screen the main nav scrolls sideways: bring the current page's entry into view.
(() => {
  const nav = document.querySelector('.nav'), here = nav?.querySelector('[aria-current]');
  if (here && nav.scrollWidth > nav.clientWidth) nav.scrollLeft = here.offsetLeft - nav.offsetLeft - (nav.clientWidth - here.offsetWidth) / 2;
})();
