// fails: error ReferenceError
const shown = nickname ?? guest;
