// fails: usual.logged
const gross = (net, tax = 0.2) => console.log(net + net * tax);
