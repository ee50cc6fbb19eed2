// fails: order.early
async function brew(boil, pour) {
  const [water, tea] = await Promise.all([boil(), pour()]);
  return tea;
}
