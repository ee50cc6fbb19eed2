// fails: usual.taxonly
const gross = (net, tax = 0.2) => net * tax;
