// joined from two pieces
console.log('cold ' + `wind`)
