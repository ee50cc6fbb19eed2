const gross = (price, rate) => {
  const used = rate ?? 0.2;
  return price * (100 + used * 100) / 100;
};
console.log(gross(100), gross(100, 0));
