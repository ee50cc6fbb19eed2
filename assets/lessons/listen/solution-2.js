let played = 0
function play(event) {
  played++
  document.querySelector("#count").textContent = `${played}`
}
document.querySelector("button").onclick = play
