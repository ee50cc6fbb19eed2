// fails: heading.gone
document.querySelector('main').textContent = title;
