function wait(ms, value) {
  const { promise, resolve } = Promise.withResolvers();
  setTimeout(() => {
    console.log('done after', ms);
    resolve(value);
  }, ms);
  return promise;
}
