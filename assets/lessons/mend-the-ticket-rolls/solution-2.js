const makeRoll = (count) => () => --count
