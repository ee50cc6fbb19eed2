// fails: error SyntaxError
function brew(boil, pour) {
  const water = await boil();
  return await pour(water);
}
