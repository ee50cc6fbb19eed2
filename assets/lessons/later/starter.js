function wait(ms, value) {
  // TODO: return a Promise that resolves with value after ms milliseconds
}

// When it is done, take the two slashes of the next line away:
// wait(100, 'soup').then((value) => console.log(value));
