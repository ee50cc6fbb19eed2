function ends(list) {
  return [list.at(0), list.at(-1)];
}

console.log(ends(['sun', 'rain', 'fog', 'snow']));
