// fails: any.other
const gross = (net, tax = 20) => net + tax;
