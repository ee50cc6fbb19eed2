const loadTitles = (url) =>
  fetch(url).then((response) => {
    if (response.ok) return response.json()
    throw new Error("No titles: " + response.status)
  })
