// fails: rest.changed
document.querySelector('h1').textContent = title;
document.querySelector('h2').textContent = title;
