// fails: heading.html
document.querySelector('h1').innerHTML = title;
