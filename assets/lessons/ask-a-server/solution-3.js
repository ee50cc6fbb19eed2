async function loadTitles(url) {
  const { ok, status, ...rest } = await fetch(url, { headers: { accept: "application/json" } }).then(
    async (answer) => ({ ok: answer.ok, status: answer.status, text: await answer.text() }),
  );
  console.log(status);
  if (!ok) throw Error(status);
  return JSON.parse(rest.text);
}
