async function loadAll(names, load) {
  const values = []
  const begun = []
  for (const name of names) begun.push(load(name))
  for (const one of await Promise.allSettled(begun)) {
    if (one.status === "rejected") throw one.reason
    values.push(one.value)
  }
  return values
}
