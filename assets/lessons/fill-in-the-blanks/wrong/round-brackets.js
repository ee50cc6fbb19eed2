// fails: label.brace
const label = `$(city): $(degrees) degrees`;
