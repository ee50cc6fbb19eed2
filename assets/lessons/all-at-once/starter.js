async function loadAll(names, load) {
  const values = [];
  for (const name of names) {
    values.push(await load(name));
  }
  return values;
}

const load = async (name) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return `all about ${name}`;
};
console.log(await loadAll(['rain', 'fog'], load));
