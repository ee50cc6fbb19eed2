async function loadAll(names, load) {
  const promises = names.map((name) => load(name));
  return await Promise.all(promises);
}

const load = async (name) => {
  await new Promise((resolve) => setTimeout(resolve, 100));
  return `all about ${name}`;
};
console.log(await loadAll(['rain', 'fog'], load));
