// fails: result.nothing
async function brew(boil, pour) {
  const water = await boil();
  await pour(water);
}
