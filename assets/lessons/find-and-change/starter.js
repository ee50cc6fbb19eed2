// `title` is given.
// TODO: find the heading h1 and make title its text
console.log(title);
