// No tax yet: this gives the net price back.
const gross = (net) => net;

console.log(gross(100));
