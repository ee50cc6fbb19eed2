// fails: stopped
async function titles(load) {
  let list;
  load().then((result) => {
    list = result;
  });
  while (list === undefined) {
    Math.sqrt(2);
  }
  return list;
}
