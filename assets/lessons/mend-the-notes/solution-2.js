const $ = (selector) => document.querySelector(selector)
const notes = JSON.parse(localStorage.notes ?? "[]")

const draw = () => {
  localStorage.notes = JSON.stringify(notes)
  $("#list").replaceChildren(...notes.map((text) => Object.assign(document.createElement("li"), { textContent: text })))
}

$("#add").onsubmit = (event) => {
  event.preventDefault()
  notes.push($("#note").value)
  event.target.reset()
  draw()
}
draw()
