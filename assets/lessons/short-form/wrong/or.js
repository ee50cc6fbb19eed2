// fails: free.or
const gross = (net, tax) => net + net * (tax || 0.2);
