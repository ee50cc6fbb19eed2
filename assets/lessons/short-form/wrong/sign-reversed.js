// fails: error ReferenceError
const gross = (net, tax = 0.2) >= net + net * tax;
