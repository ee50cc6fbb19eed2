// fails: usual.text
const gross = (net, tax = 0.2) => `${net + net * tax}`;
