// fails: net.nothing
async function titles(load) {
  try {
    return await load();
  } catch (error) {
    console.log(error.message);
  }
}
