const items = titles.map((title) => {
  const item = document.createElement("li")
  item.append(title)
  return item
})
document.querySelector("ul").replaceChildren(...items)
