// fails: error SyntaxError
function area(w, h) {
}
return w * h;
