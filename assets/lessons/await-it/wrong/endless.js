// fails: stopped
async function brew(boil, pour) {
  let water;
  boil().then((result) => {
    water = result;
  });
  while (water === undefined) {
    Math.sqrt(2);
  }
  return await pour(water);
}
