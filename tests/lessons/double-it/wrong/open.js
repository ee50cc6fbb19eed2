// fails: error SyntaxError
function double(n {
}
