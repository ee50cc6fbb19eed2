// fails: heading.elsewhere
document.querySelector('p').textContent = title;
