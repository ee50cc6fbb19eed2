// fails: handed.nothing
async function brew(boil, pour) {
  await boil();
  return await pour();
}
