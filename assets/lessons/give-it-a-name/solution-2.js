let city = "New Delhi"
console.log(`I would like to see ${city} one day.`)
