const limit = 18
const canEnter = limit <= age
