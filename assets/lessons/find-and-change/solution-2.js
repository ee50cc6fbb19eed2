document.getElementById("heading").innerText = `${title}`
