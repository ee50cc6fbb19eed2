for (var number = 0; number < n; number += 1) console.log(`${number + 1}`)
