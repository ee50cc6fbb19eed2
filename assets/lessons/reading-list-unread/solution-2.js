// everything hangs on one array; the page is drawn from it each time
const $ = (selector) => document.querySelector(selector)
const links = []

const element = (kind, more, ...parts) => {
  const made = Object.assign(document.createElement(kind), more)
  made.append(...parts)
  return made
}

const draw = () => {
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
