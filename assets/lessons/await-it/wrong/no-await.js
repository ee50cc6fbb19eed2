// fails: order.early
async function brew(boil, pour) {
  const water = boil();
  return pour(water);
}
