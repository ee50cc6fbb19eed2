const wait = (ms, value) => new Promise((done) => setTimeout(done, ms, value))
