// fails: heading.quoted
document.querySelector('h1').textContent = 'title';
