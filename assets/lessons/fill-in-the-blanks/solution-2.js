let label = city + ": " + degrees + " degrees"
console.log("Label:", label)
