// `nickname` is given: some text, or nothing at all.
const shown = nickname;

console.log(shown);
