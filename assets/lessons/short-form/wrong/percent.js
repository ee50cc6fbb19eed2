// fails: usual.percent
const gross = (net, tax = 20) => net + net * tax;
