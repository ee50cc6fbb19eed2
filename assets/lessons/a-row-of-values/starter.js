function ends(list) {
  // TODO: return an array of the first and the last value of list
}

console.log(ends(['sun', 'rain', 'fog', 'snow']));
