// fails: price.fixed
let price = 8;
