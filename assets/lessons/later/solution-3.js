// with async, which comes in the next lesson
async function wait(ms, value) {
  await new Promise(function (resolve) {
    setTimeout(resolve, ms);
  });
  return value;
}

wait(30, "soup").then((text) => console.log(text));
