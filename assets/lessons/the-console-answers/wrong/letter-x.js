// fails: error SyntaxError
6 x 7
