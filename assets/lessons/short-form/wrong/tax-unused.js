// fails: usual.untaxed
const gross = (net, tax = 0.2) => net;
