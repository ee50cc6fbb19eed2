// fails: usual.other
const gross = (net, tax = 0.2) => net + tax;
