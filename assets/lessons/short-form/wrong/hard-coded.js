// fails: free.fixed
const gross = () => 120;
