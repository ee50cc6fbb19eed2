let score = 0
console.log("at the start:", score)
score = score + 10
console.log("halfway:", score)
score = 10 + score
