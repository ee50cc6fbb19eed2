// fails: error.swallowed
async function brew(boil, pour) {
  try {
    const water = await boil();
    return await pour(water);
  } catch (error) {
    console.log('no tea today');
  }
}
