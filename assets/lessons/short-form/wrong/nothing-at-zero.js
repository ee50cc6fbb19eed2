// fails: free.other
const gross = (net, tax = 0.2) => {
  if (tax > 0) {
    return net + net * tax;
  }
};
