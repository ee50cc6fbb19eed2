// fails: together.one
async function loadAll(names, load) {
  const values = [];
  for (const name of names) {
    values.push(await Promise.all([load(name)]));
  }
  return values.map((one) => one[0]);
}
