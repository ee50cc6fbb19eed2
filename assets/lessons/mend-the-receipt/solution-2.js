const total = price + 2
const receipt = fruit + ": " + total + " dollars"
