// fails: tool.kind
const area = 3 * 4;
