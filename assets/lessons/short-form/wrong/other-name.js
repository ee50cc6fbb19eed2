// fails: tool.missing
const price = (net, tax = 0.2) => net + net * tax;
