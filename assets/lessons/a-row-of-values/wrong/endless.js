// fails: stopped
function ends(list) {
  let i = 0;
  let last;
  while (i < list.length) {
    last = list[i];
  }
  return [list[0], last];
}

ends(['sun', 'rain', 'fog', 'snow']);
