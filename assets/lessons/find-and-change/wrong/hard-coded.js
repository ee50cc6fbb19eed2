// fails: heading
document.querySelector('h1').textContent = 'Rain in Oslo';
