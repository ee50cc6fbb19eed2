// fails: usual.missingtax
const gross = (net, tax) => net + net * tax;
