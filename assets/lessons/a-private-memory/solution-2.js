const makeCounter = (n = 0) => () => ++n
