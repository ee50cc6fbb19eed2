// fails: error SyntaxError
40 +
