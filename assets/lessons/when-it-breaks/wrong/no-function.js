// fails: tool.kind
const readJson = JSON.parse('21');
