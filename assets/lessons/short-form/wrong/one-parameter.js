// fails: free.fixed
const gross = (net) => net * 1.2;
