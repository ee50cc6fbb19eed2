// fails: error SyntaxError
let score = 0;
let score = score + 10;
let score = score + 10;
