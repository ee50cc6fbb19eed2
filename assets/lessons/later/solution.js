function wait(ms, value) {
  return new Promise((resolve) => {
    setTimeout(() => resolve(value), ms);
  });
}

// When it is done, take the two slashes of the next line away:
wait(100, 'soup').then((value) => console.log(value));
