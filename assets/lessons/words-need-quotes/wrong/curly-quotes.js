// fails: error SyntaxError
“The sun is out”
