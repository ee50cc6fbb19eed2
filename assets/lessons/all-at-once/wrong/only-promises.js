// fails: values.promises
async function loadAll(names, load) {
  return names.map((name) => load(name));
}
