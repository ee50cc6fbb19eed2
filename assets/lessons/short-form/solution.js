const gross = (net, tax = 0.2) => net + net * tax;

console.log(gross(100));
