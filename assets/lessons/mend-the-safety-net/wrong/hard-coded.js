// fails: good.other
async function titles(load) {
  return [];
}
