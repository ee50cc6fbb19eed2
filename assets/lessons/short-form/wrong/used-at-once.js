// fails: tool.kind
const net = 100;
const tax = 0.2;
const gross = net + net * tax;
