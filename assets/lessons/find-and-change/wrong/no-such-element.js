// fails: error TypeError
document.querySelector('#h1').textContent = title;
