// fails: values.order
async function loadAll(names, load) {
  const values = [];
  const promises = names.map(async (name) => {
    values.push(await load(name));
  });
  await Promise.all(promises);
  return values;
}
