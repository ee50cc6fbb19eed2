const readJson = (text, fallback) => {
  let value = fallback
  try { value = JSON.parse(text) } catch { console.log("could not read it") }
  return value
}
