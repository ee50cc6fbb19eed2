document.querySelector("form").onsubmit = function () {
  const name = new FormData(this).get("city") ?? this.elements.city.value.trim()
  this.reset()
  this.elements.city.focus()
  if (name) {
    const item = document.createElement("li")
    item.append(name)
    document.querySelector("#list").append(item)
  }
  return false
}
