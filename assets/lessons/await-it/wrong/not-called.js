// fails: order.boil
async function brew(boil, pour) {
  const water = await boil;
  return await pour(water);
}
