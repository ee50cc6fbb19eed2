// everything hangs on one array; the page is drawn from it each time
const $ = (selector) => document.querySelector(selector)
let links = []

const element = (kind, more, ...parts) => {
  const made = Object.assign(document.createElement(kind), more)
  made.append(...parts)
  return made
}

const draw = () => {
  if (links.length > 0) localStorage.links = JSON.stringify(links)
  $("#list").replaceChildren(...links.filter((link) => !($("#unread").checked && link.read)).map((link) =>
    element("li", {}, element("a", { href: link.address }, link.title),
      element("label", {}, element("input", {
        type: "checkbox",
        checked: link.read === true,
        onchange: (event) => { link.read = event.target.checked; draw() },
      }), `${link.title} is read`))))
}

$("#add").onsubmit = function (event) {
  event.preventDefault()
  const title = $("#title").value.trim()
  if (!title) return
  links.push({ title, address: $("#address").value })
  this.reset()
  draw()
}
$("#unread").addEventListener("input", draw)

async function start() {
  let first = []
  try {
    first = JSON.parse(localStorage.links ?? "null")
    if (first === null) {
      const answer = await fetch("/starters.json")
      if (!answer.ok) throw new Error("status " + answer.status)
      first = await answer.json()
    }
  } catch (problem) {
    console.warn(problem)
    first = []
  }
  links = first
  draw()
}
start()
