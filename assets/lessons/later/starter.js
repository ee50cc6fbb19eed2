function wait(ms, value) {
  // TODO: return a Promise that resolves with value after ms milliseconds
}

console.log(wait(100, 'soup'));
