// half of 84, asked for aloud
console.log((80 + 4) / 2)
