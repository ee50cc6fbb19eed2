// fails: tool.kind
const addThree = (n) => n + 3;
const twice = addThree(addThree(10));
