// fails: stopped
const gross = (net, tax = 0.2) => {
  let price = net;
  while (price < net + net * tax) {
    price + 1;
  }
  return price;
};

console.log(gross(100));
