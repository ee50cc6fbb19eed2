// fails: result.water
async function brew(boil, pour) {
  const water = await boil();
  await pour(water);
  return water;
}
