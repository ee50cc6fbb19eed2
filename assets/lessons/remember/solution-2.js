const $ = (selector) => document.querySelector(selector)
let cities = []
try {
  cities = JSON.parse(localStorage.cities || "[]")
} catch {
  console.log("that was no JSON")
}
const show = () => {
  $("#list").replaceChildren(...cities.map((name) => {
    const item = document.createElement("li")
    item.append(name)
    return item
  }))
}
show()
$("#add").onsubmit = (event) => {
  event.preventDefault()
  cities.push($("#city").value.trim())
  $("#city").value = ""
  localStorage.cities = JSON.stringify(cities)
  show()
}
