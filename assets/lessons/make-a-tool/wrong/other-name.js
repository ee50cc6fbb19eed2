// fails: tool.missing
function size(w, h) {
  return w * h;
}
