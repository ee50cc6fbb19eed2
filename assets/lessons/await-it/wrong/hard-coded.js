// fails: order.boil
async function brew(boil, pour) {
  return 'tea from hot water';
}
